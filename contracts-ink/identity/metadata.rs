extern crate keystrand_identity;
include!("../metadata.rs");
