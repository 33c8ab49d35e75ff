//! Contact sheets: many prints on one image, for the eye.

use tanba_formats::{Gray8, Ppi};

/// Pixels between the prints.
const GAP: usize = 8;
/// Gray of the paper.
const PAPER: u8 = 224;
/// Pixels of a side at most.
const MOST: usize = 16_384;

/// The images side by side in rows of like height, the highest first and equal ones in the order given, about as wide as high; a single
/// pale pixel for no image at all. At most 16384 pixels a side: what does not fit is left out.
pub fn sheet(images: &[Gray8]) -> Gray8 {
    let sizes: Vec<(usize, usize)> = images.iter().map(|image| (image.width(), image.height())).collect();
    let shelves = Shelves::about_square(&sizes);
    let (width, height) = (shelves.width.max(1), shelves.height.max(1));
    let mut pixels = vec![PAPER; width * height];
    for (image, (left, top)) in shelves.places.iter().map(|(i, place)| (&images[*i], place)) {
        for (y, line) in image.pixels().chunks_exact(image.width()).enumerate() {
            let to = (top + y) * width + left;
            pixels[to..to + line.len()].copy_from_slice(line);
        }
    }
    Gray8::new(width, height, Ppi::NOMINAL, pixels).expect("one byte per pixel, no empty side")
}

/// Where each picture stands.
struct Shelves {
    width: usize,
    height: usize,
    /// Number of a picture, and its left and upper edge.
    places: Vec<(usize, (usize, usize))>,
}

impl Shelves {
    /// The narrowest sheet that is at least as wide as high, or the widest of all.
    fn about_square(sizes: &[(usize, usize)]) -> Self {
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        // Stable.
        order.sort_by_key(|i| std::cmp::Reverse(sizes[*i].1));
        let area: usize = sizes.iter().map(|(w, h)| (w + GAP) * (h + GAP)).sum();
        let widest = sizes.iter().map(|(w, _)| w + GAP).max().unwrap_or(0);
        let mut row = area.isqrt().max(widest).min(MOST);
        loop {
            let shelves = Self::within(row, sizes, &order);
            // Every picture has its place, and no other row would hold more of them.
            if row == MOST || (shelves.width >= shelves.height && shelves.places.len() == sizes.len()) {
                return shelves;
            }
            row = (row + row / 32 + 1).min(MOST);
        }
    }

    /// Fills rows of this width one after another; each is as high as its first picture.
    fn within(row: usize, sizes: &[(usize, usize)], order: &[usize]) -> Self {
        let mut shelves = Self { width: 0, height: 0, places: Vec::with_capacity(order.len()) };
        let (mut left, mut top) = (0, 0);
        for i in order {
            let (width, height) = (sizes[*i].0 + GAP, sizes[*i].1 + GAP);
            if left + width > row {
                (left, top) = (0, shelves.height);
            }
            if left + width <= row && top + height <= MOST {
                shelves.places.push((*i, (left + GAP / 2, top + GAP / 2)));
                left += width;
                shelves.width = shelves.width.max(left);
                shelves.height = shelves.height.max(top + height);
            }
        }
        shelves
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: usize, height: usize, gray: u8) -> Gray8 {
        Gray8::new(width, height, Ppi::NOMINAL, vec![gray; width * height]).unwrap()
    }

    /// How many pixels have each gray.
    fn counts(sheet: &Gray8) -> Vec<usize> {
        let mut counts = vec![0; 256];
        sheet.pixels().iter().for_each(|p| counts[usize::from(*p)] += 1);
        counts
    }

    #[test]
    fn pictures_of_any_size_stand_whole_and_apart() {
        let images: Vec<Gray8> = (0..60_usize).map(|i| image(20 + i * 37 % 90, 15 + i * 53 % 140, i as u8)).collect();
        let made = sheet(&images);
        let counts = counts(&made);
        for (i, image) in images.iter().enumerate() {
            assert_eq!(counts[i], image.width() * image.height(), "picture {i}");
        }
        let used: usize = images.iter().map(|i| (i.width() + GAP) * (i.height() + GAP)).sum();
        assert!(made.width() * made.height() < used * 5 / 4, "{} x {}", made.width(), made.height());
        assert!(made.width() >= made.height() && made.width() < made.height() * 3 / 2);
    }

    #[test]
    fn pictures_of_one_size_stand_in_their_order_in_full_rows() {
        let images: Vec<Gray8> = (0..12).map(|i| image(40, 30, i)).collect();
        let made = sheet(&images);
        let columns = made.width() / 48;
        assert_eq!((made.width() % 48, made.height() % 38, columns * made.height() / 38), (0, 0, 12));
        for (i, _) in images.iter().enumerate() {
            let at = (i / columns * 38 + 4) * made.width() + i % columns * 48 + 4;
            assert_eq!(usize::from(made.pixels()[at]), i);
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_nothing_gives_a_pixel() {
        let nothing = sheet(&[]);
        assert_eq!((nothing.width(), nothing.height(), nothing.pixels()), (1, 1, &[PAPER][..]));
        let images = [image(9_000, 9_000, 1), image(9_000, 9_000, 2), image(20_000, 10, 3), image(10, 20_000, 4)];
        let made = sheet(&images);
        assert!(made.width() <= MOST && made.height() <= MOST);
        let counts = counts(&made);
        assert_eq!((counts[1], counts[2], counts[3], counts[4]), (81_000_000, 0, 0, 0));
    }
}
