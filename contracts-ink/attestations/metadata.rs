extern crate keystrand_attestations;
include!("../metadata.rs");
