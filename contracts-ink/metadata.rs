// Prints the metadata of the one contract that the including file links.

// Each package has this file as an example beside one contract, so the symbol is unique at link time.
extern "Rust" {
    fn __ink_generate_metadata() -> ink::metadata::InkProject;
}

fn main() {
    let metadata = unsafe { __ink_generate_metadata() };
    println!("{}", serde_json::to_string(&metadata).expect("metadata is plain data"));
}
