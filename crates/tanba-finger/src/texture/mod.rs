//! Ridge texture: do the ridges of two aligned prints run on each other, line by line?
//!
//! Minutiae are some forty points of a print; between them lie a thousand times as many places where a ridge is either there or
//! not. [`RidgeMap`] keeps them as bits. A comparison lays the second print on the first under a local [`Warp`] that passes near
//! the matched minutiae, counts ridge on ridge and valley on valley cell by cell, lets neighbouring cells settle on one small
//! common shift, and says how well the lines agree ([`Agreement`]). Lines of different fingers can run alike for the width of a
//! few ridges, but every minutia that only one of them has puts them out of step around it.

mod code;
mod grow;
mod ridge_map;
mod warp;

pub(crate) use grow::{Grower, Growth, Local};
pub use ridge_map::RidgeMap;
pub(crate) use ridge_map::STRIDE;
pub(crate) use warp::Warp;
