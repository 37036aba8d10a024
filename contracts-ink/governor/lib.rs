#![cfg_attr(not(feature = "std"), no_std, no_main)]

#[ink::contract]
mod governor {
    #[ink(storage)]
    pub struct Governor {}

    impl Governor {
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
