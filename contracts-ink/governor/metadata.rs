extern crate keystrand_governor;
include!("../metadata.rs");
