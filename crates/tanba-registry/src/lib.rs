//! (see Cargo.toml)

pub mod tile_dir;
