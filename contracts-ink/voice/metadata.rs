extern crate keystrand_voice;
include!("../metadata.rs");
