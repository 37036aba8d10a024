extern crate keystrand_escrow;
include!("../metadata.rs");
