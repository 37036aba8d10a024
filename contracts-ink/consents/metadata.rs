extern crate keystrand_consents;
include!("../metadata.rs");
