//! The learned look at a print: a small convolutional network that says for every place where ridges run and where minutiae lie.
//!
//! [`Eye::read`] reads the weights of a trained network, [`Eye::look`] runs it over an image. `net` is the network, read as its
//! architecture; `weights` the file, `normalise` what is done to the image before, `conv` the arithmetic. [`DescriptorNet`], a smaller one,
//! describes a minutia by the ridges around it (`patch`), and a print by its minutiae. Every processor gives the same
//! bits, with any instructions and in any number of threads: an answer is part of what two offices must be able to repeat.

mod conv;
mod describe;
mod invented;
mod layers;
mod maps;
mod net;
mod normalise;
mod patch;
mod registers;
mod room;
mod weights;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use describe::DESCRIPTOR_CHECKSUM;
pub use describe::{DESCRIPTOR, DescriptorNet, VECTOR};
pub use invented::{invented, invented_descriptor};
pub use layers::Ran;
pub use maps::Maps;
pub use net::{Eye, Seen};
pub use registers::peak_work;
pub use weights::EyeError;

#[cfg(test)]
mod tests;
