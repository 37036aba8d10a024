#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod escrow {
    #[ink(storage)]
    pub struct Escrow {}

    impl Escrow {
        #[ink(constructor)]
        pub fn new() -> Self {
            Self {}
        }

        /// The contract's version.
        #[ink(message)]
        pub fn version(&self) -> u32 {
            1
        }
    }
}
