use crate::crc32;
use crate::eye::weights::{EyeError, Weights, file, single};
use crate::eye::{Eye, invented};

fn tensor(name: &str, shape: &[usize], values: &[u16]) -> (String, Vec<usize>, Vec<u16>) {
    (name.to_owned(), shape.to_vec(), values.to_vec())
}

/// 1.0, -2.0, the least positive number, 65504, 0.5, 0.0.
const SIX: [u16; 6] = [0x3c00, 0xc000, 0x0001, 0x7bff, 0x3800, 0x0000];

fn tiny() -> Vec<u8> {
    file(&[tensor("a.w", &[2, 3], &SIX), tensor("a.b", &[1], &[0x3c00])])
}

/// With a checksum that is right.
fn sealed(mut body: Vec<u8>) -> Vec<u8> {
    body.extend_from_slice(&crc32(&body).to_le_bytes());
    body
}

#[test]
fn tensors_come_back_as_they_were_written() {
    let bytes = tiny();
    let weights = Weights::read(&bytes).unwrap();
    let values = [1.0, -2.0, 2f32.powi(-24), 65504.0, 0.5, 0.0];
    assert_eq!(weights.tensor("a.w", &[2, 3]).unwrap(), values);
    assert_eq!(weights.tensor("a.b", &[1]).unwrap(), [1.0]);
}

#[test]
fn every_half_float_becomes_the_same_number() {
    for half in 0..=u16::MAX {
        let (exponent, fraction) = (i32::from(half >> 10 & 31), f64::from(half & 0x3ff));
        let size = match exponent {
            0 => fraction * 2f64.powi(-24),
            31 if fraction == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
        };
        let (found, sign) = (single(half), half >> 15 == 1);
        assert_eq!(found.is_sign_negative(), sign, "{half:04x}");
        assert!(f64::from(found.abs()) == size || size.is_nan() && found.is_nan(), "{half:04x}: {found} {size}");
    }
}

#[test]
fn a_file_that_is_cut_or_changed_anywhere_is_refused() {
    let bytes = tiny();
    for length in 0..bytes.len() {
        let error = Weights::read(&bytes[..length]).unwrap_err();
        assert_eq!(error, if length < 8 { EyeError::NotWeights } else { EyeError::Damaged }, "{length}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let error = Weights::read(&changed).unwrap_err();
        let expected = match at {
            0..8 => EyeError::NotWeights,
            8..12 => EyeError::Version(1 ^ 0x10 << (8 * (at - 8))),
            _ => EyeError::Damaged,
        };
        assert_eq!(error, expected, "{at}");
    }
}

#[test]
fn counts_that_do_not_fit_are_refused_whatever_the_checksum_says() {
    let body = |from: &[u8]| from[..from.len() - 4].to_vec();
    let whole = body(&tiny());
    for length in 12..whole.len() {
        assert_eq!(Weights::read(&sealed(whole[..length].to_vec())).unwrap_err(), EyeError::Damaged, "{length}");
    }
    let longer = [&whole[..], &[0]].concat();
    let twice = body(&file(&[tensor("a", &[1], &[0]), tensor("a", &[1], &[0])]));
    let huge = body(&file(&[tensor("a", &[0xffff_ffff; 4], &[0])]));
    let large = body(&file(&[tensor("a", &[0x7fff_ffff], &[0])]));
    let no_rank = body(&file(&[tensor("a", &[], &[0])]));
    let high_rank = body(&file(&[tensor("a", &[1; 5], &[0])]));
    let mut many = whole.clone();
    many[12..16].fill(0xff);
    let mut not_utf8 = whole;
    not_utf8[18] = 0xff;
    for damaged in [longer, twice, huge, large, no_rank, high_rank, many, not_utf8] {
        assert_eq!(Weights::read(&sealed(damaged)).unwrap_err(), EyeError::Damaged);
    }
}

#[test]
fn a_tensor_that_the_network_cannot_use_is_named() {
    let bytes = tiny();
    let weights = Weights::read(&bytes).unwrap();
    assert_eq!(weights.tensor("b.w", &[1]).unwrap_err(), EyeError::Missing("b.w".to_owned()));
    let error = weights.tensor("a.w", &[3, 2]).unwrap_err();
    assert_eq!(error, EyeError::Shape { name: "a.w".to_owned(), expected: vec![3, 2], found: vec![2, 3] });
    assert!(error.to_string().contains("a.w") && error.to_string().contains("[3, 2]"), "{error}");
    for broken in [0x7c00, 0xfc00, 0x7e00] {
        let bytes = file(&[tensor("a.b", &[2], &[0, broken])]);
        let error = Weights::read(&bytes).unwrap().tensor("a.b", &[2]).unwrap_err();
        assert_eq!(error, EyeError::NotFinite("a.b".to_owned()));
    }
    // The first tensor that the network asks for.
    assert_eq!(Eye::read(&tiny()).unwrap_err(), EyeError::Missing("c2.w".to_owned()));
    assert_eq!(Eye::read(b"%PDF-1.7").unwrap_err(), EyeError::NotWeights);
    assert!(Eye::read(&invented(1)).is_ok());
}
