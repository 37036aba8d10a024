extern crate keystrand_policies;
include!("../metadata.rs");
