use super::{page, vectors};
use crate::Plane;
use crate::eye::maps::Maps;
use crate::eye::normalise::normalise;
use crate::eye::weights::Weights;
use crate::eye::{Eye, Seen, invented};
use crate::scan::Instructions;

fn eye(seed: u64) -> Eye {
    Eye::read(&invented(seed)).unwrap()
}

/// Every bit of an answer.
fn bits(seen: &Seen) -> Vec<u32> {
    let planes = seen.cells.iter().chain([&seen.ridge]).chain(&seen.minutiae);
    let features = (0..seen.features.blocks())
        .flat_map(|block| (0..seen.features.height()).flat_map(move |y| seen.features.row(block, y).as_flattened()));
    planes.flat_map(|plane| &plane.data).chain(features).map(|v| v.to_bits()).collect()
}

/// As the architecture has it, channel by channel in f64.
pub(super) struct Defined<'a>(pub(super) Weights<'a>);

/// Width, height, channels.
#[derive(Clone)]
pub(super) struct Channels(pub(super) usize, pub(super) usize, pub(super) Vec<Vec<f64>>);

impl Defined<'_> {
    pub(super) fn conv(
        &self,
        name: &str,
        x: &Channels,
        outputs: usize,
        side: usize,
        stride: usize,
        dilation: usize,
    ) -> Channels {
        let inputs = x.2.len();
        let weights = self.0.tensor(&format!("{name}.w"), &[outputs, inputs, side, side]).unwrap();
        let bias = self.0.tensor(&format!("{name}.b"), &[outputs]).unwrap();
        let (width, height, reach) = (x.0 / stride, x.1 / stride, (side / 2 * dilation) as isize);
        let at = |plane: &[f64], i: isize, j: isize| {
            let inside = i >= 0 && j >= 0 && (i as usize) < x.0 && (j as usize) < x.1;
            if inside { plane[j as usize * x.0 + i as usize] } else { 0.0 }
        };
        let output = |o: usize| {
            let pixel = |k: usize| {
                let (i, j) = ((k % width * stride) as isize - reach, (k / width * stride) as isize - reach);
                let products = (0..inputs * side * side).map(|t| {
                    let (column, row) = ((t % side * dilation) as isize, (t / side % side * dilation) as isize);
                    let input = at(&x.2[t / (side * side)], i + column, j + row);
                    f64::from(weights[o * inputs * side * side + t]) * input
                });
                f64::from(bias[o]) + products.sum::<f64>()
            };
            (0..width * height).map(pixel).collect()
        };
        Channels(width, height, (0..outputs).map(output).collect())
    }

    fn res(&self, name: &str, x: &Channels, dilation: usize) -> Channels {
        let channels = x.2.len();
        let first = relu(self.conv(&format!("{name}.0"), x, channels, 3, 1, dilation));
        relu(add(x, &self.conv(&format!("{name}.1"), &first, channels, 3, 1, dilation)))
    }
}

pub(super) fn relu(mut x: Channels) -> Channels {
    x.2.iter_mut().flatten().for_each(|v| *v = v.max(0.0));
    x
}

fn add(a: &Channels, b: &Channels) -> Channels {
    let mut sum = a.clone();
    sum.2.iter_mut().flatten().zip(b.2.iter().flatten()).for_each(|(v, b)| *v += b);
    sum
}

fn up(x: &Channels) -> Channels {
    let (width, height) = (2 * x.0, 2 * x.1);
    let larger = |plane: &Vec<f64>| (0..width * height).map(|k| plane[k / width / 2 * x.0 + k % width / 2]).collect();
    Channels(width, height, x.2.iter().map(larger).collect())
}

/// Near enough for what some thirty layers of f32 round.
pub(super) fn near(found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0f64, |most, v| most.max(v.abs()));
    assert!(largest > 1e-3, "an answer of zeros says nothing: {largest}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() < 1e-5 * largest, "{found} {expected}");
    }
}

#[test]
fn the_network_is_its_architecture() {
    let (bytes, image) = (invented(5), page(60, 44, 2));
    let seen = Eye::read(&bytes).unwrap().look(&image);
    assert_eq!((seen.width, seen.height), (64, 48));
    let mut input = Maps::none(1);
    input.fit(64, 48);
    normalise(&image, &mut input);
    let pixels = (0..48).flat_map(|y| input.row(0, y).as_flattened().iter().map(|v| f64::from(*v)));
    let x = Channels(64, 48, vec![pixels.collect()]);

    let net = Defined(Weights::read(&bytes).unwrap());
    let c2 = relu(net.conv("c2", &x, 16, 5, 2, 1));
    let c4 = relu(net.conv("c4", &c2, 32, 3, 2, 1));
    let r4a = net.res("r4a", &c4, 1);
    let c8 = relu(net.conv("c8", &r4a, 64, 3, 2, 1));
    let r8b = net.res("r8b", &net.res("r8a", &c8, 1), 1);
    let c16 = relu(net.conv("c16", &r8b, 96, 3, 2, 1));
    let r16c = net.res("r16c", &net.res("r16b", &net.res("r16a", &c16, 1), 2), 1);
    let u8 = relu(add(&r8b, &up(&net.conv("u8", &r16c, 64, 1, 1, 1))));
    let r8c = net.res("r8c", &u8, 1);
    let u4 = relu(add(&r4a, &up(&net.conv("u4", &r8c, 32, 1, 1, 1))));
    let r4b = net.res("r4b", &u4, 1);
    let cells = net.conv("h8", &r8c, 16, 1, 1, 1);
    let ridge = net.conv("h4r", &r4b, 16, 1, 1, 1);
    let m4 = relu(net.conv("m4", &r4b, 32, 3, 1, 1));
    let minutiae = net.conv("h4m", &m4, 16, 1, 1, 1);

    for (found, expected) in seen.cells.iter().zip(&cells.2).chain(seen.minutiae.iter().zip(&minutiae.2)) {
        near(&found.data, expected);
    }
    let shuffled = (0..64 * 48).map(|k| {
        let (column, row) = (k % 64, k / 64);
        ridge.2[row % 4 * 4 + column % 4][row / 4 * 16 + column / 4]
    });
    near(&seen.ridge.data, &shuffled.collect::<Vec<_>>());
    let features = (0..64).flat_map(|channel| {
        let row = |y| seen.features.row(channel / 16, y).iter().map(move |pixel| pixel[channel % 16]);
        (0..6).flat_map(row).collect::<Vec<_>>()
    });
    near(&features.collect::<Vec<_>>(), &r8c.2.concat());
}

#[test]
fn every_instruction_set_sees_the_same() {
    for (seed, (width, height)) in [(1, (75, 61)), (2, (16, 16)), (3, (130, 20))] {
        let (eye, image) = (eye(seed), page(width, height, seed));
        let look = |with| eye.look_with(with, &image, &mut |_, _| {}).map(|seen| bits(&seen));
        let plain = look(Instructions::Plain);
        assert!(plain.as_ref().is_some_and(|bits| bits.iter().all(|v| f32::from_bits(*v).is_finite())));
        for with in vectors() {
            assert!(look(with) == plain, "{with:?}");
        }
        assert!(Some(bits(&eye.look(&image))) == plain);
    }
}

#[test]
fn the_same_image_is_seen_the_same_again_whoever_looks() {
    let eye = eye(4);
    let images = [page(90, 70, 1), page(33, 120, 2), page(140, 90, 3)];
    let first = images.each_ref().map(|image| bits(&eye.look(image)));
    std::thread::scope(|scope| {
        for from in 0..4 {
            let (eye, images, first) = (&eye, &images, &first);
            // In another order each, so that every room has had other images.
            scope.spawn(move || {
                for k in (from..from + 6).map(|k| k * (from + 1) % 3) {
                    assert!(bits(&eye.look(&images[k])) == first[k]);
                }
            });
        }
    });
}

#[test]
fn what_is_moved_by_sixteen_pixels_is_seen_there() {
    /// The layers reach 212 pixels, from a cell of sixteen, and the window of the image another 16.
    const REACH: usize = 244;
    const SIDE: usize = 560;
    let small = page(SIDE, SIDE, 6);
    let placed = |by: usize| {
        let mut image = Plane::zeros(SIDE, SIDE);
        for y in 100..400 {
            image.data[(y + by) * SIDE + by..][100..400].copy_from_slice(&small.row(y)[100..400]);
        }
        image
    };
    let eye = eye(6);
    let (here, there) = (eye.look(&placed(0)), eye.look(&placed(16)));
    let moved = |a: &Plane, b: &Plane| {
        let pixel = SIDE / a.width;
        let range = REACH.div_ceil(pixel)..(SIDE - REACH - 16) / pixel;
        for y in range.clone() {
            let (a, b) = (&a.row(y)[range.clone()], &b.row(y + 16 / pixel)[range.start + 16 / pixel..][..range.len()]);
            assert!(a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits()), "{y}: {a:?} {b:?}");
            assert!(a.iter().any(|v| *v != a[0]), "{y}: nothing to see");
        }
    };
    moved(&here.ridge, &there.ridge);
    for (a, b) in here.cells.iter().zip(&there.cells).chain(here.minutiae.iter().zip(&there.minutiae)) {
        moved(a, b);
    }
}

#[test]
fn images_of_any_size_are_looked_at() {
    let eye = eye(7);
    for (width, height) in [(0, 0), (0, 9), (9, 0), (1, 1), (1, 200), (17, 15)] {
        let seen = eye.look(&Plane::zeros(width, height));
        assert_eq!((seen.width, seen.height), (width.next_multiple_of(16), height.next_multiple_of(16)));
        assert_eq!((seen.ridge.width, seen.ridge.height), (seen.width, seen.height));
        assert_eq!((seen.cells.len(), seen.minutiae.len(), seen.features.blocks()), (16, 16, 4));
    }
}
