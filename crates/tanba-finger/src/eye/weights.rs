//! The file with the weights of a network: named tensors of half floats, little-endian, with a checksum.
//!
//! ```text
//! bytes  meaning
//! 8      magic "TANBAnet"
//! 4      version, 1
//! 4      number of tensors; for each
//!   2      length of its name
//!   n      name, UTF-8
//!   1      number of dimensions, 1 to 4
//!   4 r    dimensions
//!   2 p    as many values as their product, IEEE 754 binary16, row-major
//! 4      CRC-32 (ISO-HDLC) of everything before
//! ```

use crate::crc32;
use std::collections::BTreeMap;

const MAGIC: &[u8; 8] = b"TANBAnet";
const VERSION: u32 = 1;
const CHECKSUM: usize = 4;
const MOST_DIMENSIONS: u8 = 4;

/// Why bytes are not the weights of the network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EyeError {
    /// The first bytes are not those of a weights file.
    #[error(
        "not the weights of a network: the file does not begin with its mark; give the file that Tanba's training wrote"
    )]
    NotWeights,
    /// Written for a newer program.
    #[error("weights of version {0}, but this program reads version 1: use a newer program")]
    Version(u32),
    /// The checksum is wrong, or the file ends before its own counts do.
    #[error(
        "the weights are damaged: the checksum is wrong, or the file is shorter or longer than it says; fetch it again"
    )]
    Damaged,
    /// The network needs a tensor that is not there.
    #[error("the weights have no tensor {0}: they are of another network; use those that belong to this program")]
    Missing(String),
    /// A tensor is of another shape.
    #[error(
        "the tensor {name} of the weights is {found:?}, but the network needs {expected:?}: use the weights that belong to this program"
    )]
    Shape {
        /// The tensor.
        name: String,
        /// Dimensions that the network needs.
        expected: Vec<usize>,
        /// Dimensions in the file.
        found: Vec<usize>,
    },
    /// A weight is infinite or no number.
    #[error(
        "the tensor {0} of the weights holds a value that is not finite: the training that wrote it failed; train again"
    )]
    NotFinite(String),
}

/// The tensors of a file.
#[derive(Debug)]
pub(super) struct Weights<'a>(BTreeMap<&'a str, Tensor<'a>>);

#[derive(Debug)]
struct Tensor<'a> {
    shape: Vec<usize>,
    /// Half floats.
    values: &'a [[u8; 2]],
}

impl<'a> Weights<'a> {
    /// Reads a file.
    ///
    /// # Errors
    /// [`EyeError`], without those of a single tensor; no input panics, and memory is taken for what is there alone.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, EyeError> {
        let after_magic = bytes.strip_prefix(MAGIC).ok_or(EyeError::NotWeights)?;
        match after_magic.first_chunk() {
            Some(version) if u32::from_le_bytes(*version) == VERSION => {}
            Some(version) => return Err(EyeError::Version(u32::from_le_bytes(*version))),
            None => return Err(EyeError::Damaged),
        }
        let (body, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(EyeError::Damaged)?;
        if *checksum != crc32(body).to_le_bytes() {
            return Err(EyeError::Damaged);
        }
        tensors(body.get(MAGIC.len() + size_of_val(&VERSION)..).unwrap_or_default()).ok_or(EyeError::Damaged)
    }

    /// The values of a tensor.
    ///
    /// # Errors
    /// Missing, of another shape, or not finite.
    pub(super) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EyeError> {
        let tensor = self.0.get(name).ok_or_else(|| EyeError::Missing(name.to_owned()))?;
        if tensor.shape != shape {
            let (expected, found) = (shape.to_vec(), tensor.shape.clone());
            return Err(EyeError::Shape { name: name.to_owned(), expected, found });
        }
        let values: Vec<f32> = tensor.values.iter().map(|half| single(u16::from_le_bytes(*half))).collect();
        if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(EyeError::NotFinite(name.to_owned())) }
    }
}

/// What lies between version and checksum; `None` where it does not hold together.
fn tensors(mut rest: &[u8]) -> Option<Weights<'_>> {
    let rest = &mut rest;
    let count = u32::from_le_bytes(*take(rest)?);
    let mut tensors = BTreeMap::new();
    for _ in 0..count {
        let length = u16::from_le_bytes(*take(rest)?);
        let name = core::str::from_utf8(rest.split_off(..usize::from(length))?).ok()?;
        let [rank] = *take::<1>(rest)?;
        if !(1..=MOST_DIMENSIONS).contains(&rank) {
            return None;
        }
        let shape = (0..rank).map(|_| take(rest).and_then(|side| usize::try_from(u32::from_le_bytes(*side)).ok()));
        let shape = shape.collect::<Option<Vec<usize>>>()?;
        let values = shape.iter().try_fold(1usize, |values, side| values.checked_mul(*side))?;
        let values = rest.split_off(..values.checked_mul(2)?)?.as_chunks().0;
        // Two of one name: nobody knows which is meant.
        if tensors.insert(name, Tensor { shape, values }).is_some() {
            return None;
        }
    }
    rest.is_empty().then_some(Weights(tensors))
}

/// The next bytes.
fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(taken)
}

/// IEEE 754 binary16 as binary32, which has all of its values.
pub(super) fn single(half: u16) -> f32 {
    let (sign, exponent, fraction) = (u32::from(half >> 15) << 31, u32::from(half >> 10 & 31), u32::from(half & 0x3ff));
    let magnitude = match exponent {
        // Whole steps of 2^-24.
        0 => (fraction as f32 / 16_777_216.0).to_bits(),
        31 => 0xff << 23 | fraction << 13,
        _ => (exponent + (127 - 15)) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

/// The file of these tensors: name, shape, half floats.
pub(super) fn file(tensors: &[(String, Vec<usize>, Vec<u16>)]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&(tensors.len() as u32).to_le_bytes());
    for (name, shape, values) in tensors {
        out.extend_from_slice(&(name.len() as u16).to_le_bytes());
        out.extend_from_slice(name.as_bytes());
        out.push(shape.len() as u8);
        shape.iter().for_each(|side| out.extend_from_slice(&(*side as u32).to_le_bytes()));
        values.iter().for_each(|half| out.extend_from_slice(&half.to_le_bytes()));
    }
    let checksum = crc32(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}
