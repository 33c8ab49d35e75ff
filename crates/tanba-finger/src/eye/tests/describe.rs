use super::net::{Channels, Defined, near, relu};
use super::{minutia, numbers, ridges, vectors};
use crate::eye::maps::Maps;
use crate::eye::patch::{CHANNELS, SIDE, Squares, patch};
use crate::eye::weights::{EyeError, Weights, file};
use crate::eye::{DESCRIPTOR, DescriptorNet, VECTOR, invented, invented_descriptor};
use crate::scan::Instructions;
use crate::{Minutia, RidgeMap};
use std::f32::consts::PI;

fn net(seed: u64) -> DescriptorNet {
    DescriptorNet::read(&invented_descriptor(seed)).unwrap()
}

/// Minutiae on a map of this size and a little beyond.
fn some(count: usize, map: &RidgeMap, seed: u64) -> Vec<Minutia> {
    let mut next = numbers(seed);
    let (x, y) = (map.width as f32, map.height as f32);
    (0..count).map(|_| minutia(x + 1.1 * x * next(), y + 1.1 * y * next(), PI + PI * next())).collect()
}

fn bits(descriptors: &[[f32; DESCRIPTOR]]) -> Vec<u32> {
    descriptors.as_flattened().iter().map(|v| v.to_bits()).collect()
}

/// Names and shapes of tensors, in the order in which the network asks for them.
fn tensors() -> Vec<(String, Vec<usize>)> {
    let mut tensors = Vec::new();
    let made = DescriptorNet::of(&mut |name, shape| {
        tensors.push((name.to_owned(), shape.to_vec()));
        Ok(vec![0.0; shape.iter().product()])
    });
    assert!(made.is_ok());
    tensors
}

#[test]
fn the_network_is_its_architecture() {
    let (bytes, map) = (invented_descriptor(5), ridges(120, 90, 2));
    let net = DescriptorNet::read(&bytes).unwrap();
    let minutiae = some(3, &map, 3);
    let descriptors = net.describe(&map, &minutiae);
    assert_eq!(descriptors.len(), 3);

    let defined = Defined(Weights::read(&bytes).unwrap());
    let mut squares = Squares::default();
    squares.spread(&map);
    let mut expected = Vec::new();
    for (minutia, descriptor) in minutiae.iter().zip(&descriptors) {
        let mut input = Maps::none(CHANNELS);
        input.fit(SIDE, SIDE);
        patch(Instructions::Plain, &squares, minutia, &mut input).unwrap();
        let plane = |k| (0..SIDE).flat_map(|y| input.row(k, y).as_flattened()).map(|v| f64::from(*v)).collect();
        let x = Channels(SIDE, SIDE, (0..CHANNELS).map(plane).collect());
        let a = relu(defined.conv("a", &x, 16, 5, 2, 1));
        let b = relu(defined.conv("b", &a, 32, 3, 2, 1));
        let b2 = relu(defined.conv("b2", &b, 32, 3, 1, 1));
        let c = relu(defined.conv("c", &b2, 64, 3, 2, 1));
        let c2 = relu(defined.conv("c2", &c, 64, 3, 1, 1));
        assert_eq!((c2.0, c2.1), (6, 6));
        let e = defined.linear("e", &c2.2.concat(), 256);
        near(descriptor, &e);
        expected.push(e);
    }

    let mut sum = vec![0.0; 768];
    for e in &expected {
        for (sum, h) in sum.iter_mut().zip(defined.linear("v1", e, 768)) {
            *sum += h.max(0.0);
        }
    }
    let pooled: Vec<f64> = sum.iter().map(|sum| (sum / 3.0 + 1e-4).sqrt()).collect();
    let z = defined.linear("v2", &pooled, 192);
    near(&net.sums(Instructions::Plain, &descriptors, &mut |_, _| {}).flatten().unwrap(), &z);
    let length = z.iter().map(|v| v * v).sum::<f64>().sqrt();
    let vector = net.vector(&descriptors).unwrap();
    for (found, expected) in vector.iter().zip(&z) {
        assert!((f64::from(*found) - 127.0 * expected / length).abs() < 0.501, "{found} {expected}");
    }
    let squares: i32 = vector.iter().map(|v| i32::from(*v).pow(2)).sum();
    assert!((f64::from(squares).sqrt() - 127.0).abs() < 2.0, "{squares}");
}

impl Defined<'_> {
    fn linear(&self, name: &str, x: &[f64], outputs: usize) -> Vec<f64> {
        let weights = self.0.tensor(&format!("{name}.w"), &[outputs, x.len()]).unwrap();
        let bias = self.0.tensor(&format!("{name}.b"), &[outputs]).unwrap();
        let sum = |row: &[f32]| row.iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum::<f64>();
        weights.chunks_exact(x.len()).zip(bias).map(|(row, bias)| sum(row) + f64::from(bias)).collect()
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let net = net(1);
    // More than are run at once, and all sorts of tiles.
    for (seed, count) in [(1, 1), (2, 15), (3, 59)] {
        let map = ridges(60 + 7 * count, 150, seed);
        let minutiae = some(count, &map, seed);
        let describe = |with| net.describe_with(with, &map, &minutiae, &mut |_, _| {});
        let plain = describe(Instructions::Plain).unwrap();
        assert!(plain.as_flattened().iter().all(|v| v.is_finite()) && plain.len() == count);
        let sums = |with| net.sums(with, &plain, &mut |_, _| {}).map(|sums| sums.unwrap().map(f32::to_bits));
        let plain_sums = sums(Instructions::Plain);
        for with in vectors() {
            assert!(describe(with).is_some_and(|found| bits(&found) == bits(&plain)), "{with:?} {count}");
            assert!(sums(with) == plain_sums, "{with:?} {count}");
        }
        assert!(bits(&net.describe(&map, &minutiae)) == bits(&plain));
        let vector = net.vector_with(Instructions::Plain, &plain, &mut |_, _| {});
        assert!(vector == Some(net.vector(&plain)) && vector.flatten().is_some());
    }
}

#[test]
fn a_minutia_is_described_the_same_whatever_was_described_before_and_with_it() {
    let net = net(2);
    let (map, other) = (ridges(170, 150, 4), ridges(90, 200, 5));
    let minutiae = some(70, &map, 6);
    let together = net.describe(&map, &minutiae);
    for k in [0, 3, 55, 56, 69] {
        net.describe(&other, &some(k + 1, &other, 7));
        assert!(bits(&net.describe(&map, &minutiae[k..=k])) == bits(&together[k..=k]), "{k}");
    }
    assert!(together.windows(2).all(|two| two[0] != two[1]), "different minutiae, the same descriptor");
    assert!(net.describe(&map, &[]).is_empty());
}

#[test]
fn a_minutia_outside_is_described_as_an_empty_patch() {
    let net = net(3);
    let map = ridges(100, 100, 8);
    let far = [minutia(1e6, 50.0, 1.0), minutia(f32::NAN, 0.0, 0.0), minutia(50.0, -400.0, f32::INFINITY)];
    let empty = net.describe(&RidgeMap::blank(0, 0), &[minutia(0.0, 0.0, 0.0)]);
    for descriptor in net.describe(&map, &far) {
        assert!(bits(&[descriptor]) == bits(&empty));
    }
    assert!(bits(&net.describe(&map, &[minutia(50.0, 50.0, 0.0)])) != bits(&empty));
}

#[test]
fn the_code_is_where_numbers_are_above_zero() {
    let mut descriptor = [-1.0; DESCRIPTOR];
    descriptor[0] = 0.0;
    descriptor[1] = f32::MIN_POSITIVE;
    descriptor[63] = 3.0;
    descriptor[64] = f32::INFINITY;
    descriptor[65] = f32::NAN;
    descriptor[255] = 0.1;
    assert_eq!(DescriptorNet::code(&descriptor), [1 << 63 | 2, 1, 0, 1 << 63]);
}

#[test]
fn where_there_is_nothing_to_tell_there_is_no_vector() {
    let net = net(4);
    assert_eq!(net.vector(&[]), None);
    assert!(net.vector(&[[0.5; DESCRIPTOR]]).is_some());
    assert_eq!(net.vector(&[[f32::MAX; DESCRIPTOR]]), None);
    let zeros = DescriptorNet::of(&mut |_, shape| Ok(vec![0.0; shape.iter().product()])).unwrap();
    assert_eq!(zeros.vector(&[[0.5; DESCRIPTOR]]), None);
    // The largest number that a vector can hold, and its least.
    for (sign, whole) in [(1.0, 127), (-1.0, -127)] {
        let one = DescriptorNet::of(&mut |name, shape| {
            let mut values = vec![0.0; shape.iter().product()];
            if name == "v2.b" {
                values[5] = 0.25 * sign;
            }
            Ok(values)
        });
        let vector = one.unwrap().vector(&[[0.5; DESCRIPTOR]]).unwrap();
        assert!(vector[5] == whole && vector.iter().filter(|v| **v != 0).count() == 1 && vector.len() == VECTOR);
    }
}

#[test]
fn weights_of_another_network_are_refused_by_the_name_of_the_tensor() {
    assert_eq!(DescriptorNet::read(&invented(1)).unwrap_err(), EyeError::Missing("a.w".to_owned()));
    assert_eq!(DescriptorNet::read(b"%PDF-1.7").unwrap_err(), EyeError::NotWeights);
    let tensors = tensors();
    let names: Vec<&str> = tensors.iter().map(|(name, _)| name.as_str()).collect();
    let expected = "a.w a.b b.w b.b b2.w b2.b c.w c.b c2.w c2.b e.w e.b v1.w v1.b v2.w v2.b";
    assert_eq!(names.join(" "), expected);
    let whole: Vec<_> =
        tensors.into_iter().map(|(name, shape)| (name, shape.clone(), vec![0; shape.iter().product()])).collect();
    assert!(DescriptorNet::read(&file(&whole)).is_ok());
    for k in 0..whole.len() {
        let name = whole[k].0.clone();
        let mut changed = whole.clone();
        changed.remove(k);
        assert_eq!(DescriptorNet::read(&file(&changed)).unwrap_err(), EyeError::Missing(name.clone()));

        let mut changed = whole.clone();
        // As many values, in other dimensions.
        let first = changed[k].1.remove(0);
        match changed[k].1.first_mut() {
            Some(second) => *second *= first,
            None => changed[k].1 = vec![1, first],
        }
        let error = DescriptorNet::read(&file(&changed)).unwrap_err();
        let (expected, found) = (whole[k].1.clone(), changed[k].1.clone());
        assert_eq!(error, EyeError::Shape { name: name.clone(), expected, found });

        let mut changed = whole.clone();
        changed[k].2[0] = 0x7c00;
        assert_eq!(DescriptorNet::read(&file(&changed)).unwrap_err(), EyeError::NotFinite(name));
    }
}
