//! The diagram of two hands: where each finger is drawn, and what can be read off it.

use tanba_formats::Finger;
use tanba_registry::{EncounterDesk, FingerState, SampleRow};

/// The order in which fingers are taken: four of the right hand, four of the left, both thumbs.
pub(super) const SEQUENCE: [Finger; 10] = [
    Finger::RightIndex,
    Finger::RightMiddle,
    Finger::RightRing,
    Finger::RightLittle,
    Finger::LeftIndex,
    Finger::LeftMiddle,
    Finger::LeftRing,
    Finger::LeftLittle,
    Finger::RightThumb,
    Finger::LeftThumb,
];

/// How wide the drawing of both hands is, pixels.
const WIDTH: f32 = 760.0;

/// A finger's place in the drawing, as the person sees their own right hand: left edge, top, width, height, turn in degrees.
/// Pixels of a drawing 760 wide; the left hand is its mirror image.
fn shape(finger: Finger) -> (f32, f32, f32, f32, f32) {
    match finger {
        Finger::RightThumb | Finger::LeftThumb => (478.0, 158.0, 40.0, 104.0, -42.0),
        Finger::RightIndex | Finger::LeftIndex => (530.0, 62.0, 38.0, 140.0, -7.0),
        Finger::RightMiddle | Finger::LeftMiddle => (582.0, 40.0, 40.0, 160.0, 0.0),
        Finger::RightRing | Finger::LeftRing => (634.0, 60.0, 38.0, 142.0, 6.0),
        _ => (682.0, 104.0, 34.0, 106.0, 14.0),
    }
}

/// One finger of the drawing.
pub(super) struct Drawn {
    pub(super) name: &'static str,
    /// `empty`, `good`, `poor`, `accepted`, `stated`.
    pub(super) kind: &'static str,
    /// Of the kept print.
    pub(super) quality: Option<u8>,
    pub(super) attempts: usize,
    pub(super) states: Vec<&'static str>,
    pub(super) here: bool,
    x: f32,
    y: f32,
    width: f32,
    height: f32,
    turn: f32,
}

impl Drawn {
    pub(super) fn x(&self) -> String {
        px(self.x)
    }

    pub(super) fn y(&self) -> String {
        px(self.y)
    }

    pub(super) fn width(&self) -> String {
        px(self.width)
    }

    pub(super) fn height(&self) -> String {
        px(self.height)
    }

    pub(super) fn radius(&self) -> String {
        px(self.width / 2.0)
    }

    /// The middle of the fingertip, where ring and number stand.
    pub(super) fn tip_x(&self) -> String {
        px(self.x + self.width / 2.0)
    }

    pub(super) fn tip_y(&self) -> String {
        px(self.y + self.width / 2.0)
    }

    /// The number's base line.
    pub(super) fn number_y(&self) -> String {
        px(self.y + self.width / 2.0 + 4.5)
    }

    pub(super) fn nail_y(&self) -> String {
        px(self.y + self.width + 14.0)
    }

    /// Turned about its root.
    pub(super) fn transform(&self) -> String {
        format!("rotate({} {} {})", px(self.turn), px(self.x + self.width / 2.0), px(self.y + self.height))
    }

    /// A sign for what was stated, in one letter-like mark that print and screen share.
    pub(super) fn sign(&self) -> &'static str {
        match self.states.first().copied() {
            Some("missing") => "–",
            Some("bandaged") => "+",
            Some("prosthetic") => "◇",
            Some("webbed") => "∪",
            Some("worn") => "≈",
            Some("extra") => "·",
            Some(_) => "×",
            None => "",
        }
    }
}

/// Both hands.
pub(super) fn draw(desk: &EncounterDesk, here: Finger) -> Vec<Drawn> {
    Finger::TEN
        .into_iter()
        .map(|finger| {
            let (x, y, width, height, turn) = shape(finger);
            let left = finger.code() > Finger::RightLittle.code();
            let kept = kept(desk, finger);
            let states: Vec<&'static str> = states(desk, finger).map(FingerState::name).collect();
            Drawn {
                name: finger.name(),
                kind: match kept {
                    Some(sample) if !sample.flagged => "good",
                    Some(sample) if sample.accepted.is_some() => "accepted",
                    Some(_) => "poor",
                    None if states.iter().any(|state| *state != "extra") => "stated",
                    None => "empty",
                },
                quality: kept.map(|sample| sample.quality),
                attempts: attempts(desk, finger),
                states,
                here: finger == here,
                x: if left { WIDTH - x - width } else { x },
                y,
                width,
                height,
                turn: if left { -turn } else { turn },
            }
        })
        .collect()
}

/// The best attempt at a finger.
pub(super) fn kept(desk: &EncounterDesk, finger: Finger) -> Option<&SampleRow> {
    desk.samples.iter().find(|sample| sample.finger == finger && sample.kept)
}

pub(super) fn attempts(desk: &EncounterDesk, finger: Finger) -> usize {
    desk.samples.iter().filter(|sample| sample.finger == finger).count()
}

/// What was stated of a finger; a note that it has a neighbour comes last.
pub(super) fn states(desk: &EncounterDesk, finger: Finger) -> impl Iterator<Item = FingerState> {
    let of = |note: bool| {
        desk.marks
            .iter()
            .filter(move |mark| mark.finger == finger && (mark.state == FingerState::Extra) == note)
            .map(|mark| mark.state)
    };
    of(false).chain(of(true))
}

/// The next finger in the sequence that is neither captured nor stated; the first of all where none is left.
pub(super) fn next(desk: &EncounterDesk) -> Option<Finger> {
    SEQUENCE.into_iter().find(|finger| !super::accounted(desk, *finger))
}

/// Which finger an image file shows, by its name (`right_index.png`, `RI.png`, `07.tif`); nothing where it does not say.
pub(super) fn finger_in(file: &str) -> Option<Finger> {
    let stem = file.rsplit(['/', '\\']).next().unwrap_or(file).split('.').next().unwrap_or_default().to_lowercase();
    let plain: String = stem.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    if let Some(finger) = Finger::TEN.into_iter().find(|finger| plain.contains(finger.name())) {
        return Some(finger);
    }
    let parts: Vec<&str> = plain.split('_').filter(|part| !part.is_empty()).collect();
    let short = |finger: &Finger| {
        let mut words = finger.name().split('_').filter_map(|word| word.chars().next());
        [words.next(), words.next()].into_iter().flatten().collect::<String>()
    };
    // Little and left share a letter with nothing else in their place: `rl` is the right little finger, `lt` the left thumb.
    if let Some(finger) = Finger::TEN.into_iter().find(|finger| parts.iter().any(|part| *part == short(finger))) {
        return Some(finger);
    }
    let number = parts.last()?.trim_start_matches(['f', '0']);
    Finger::try_from(number.parse::<u8>().ok()?).ok().filter(|finger| *finger != Finger::Unknown)
}

fn px(value: f32) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_tells_its_finger_where_it_can() {
        for (file, finger) in [
            ("right_index.png", Some(Finger::RightIndex)),
            ("C:\\scans\\Left-Thumb (2).TIF", Some(Finger::LeftThumb)),
            ("RL.png", Some(Finger::RightLittle)),
            ("subject7_li.bmp", Some(Finger::LeftIndex)),
            ("07.pgm", Some(Finger::LeftIndex)),
            ("scan_10.png", Some(Finger::LeftLittle)),
            ("f3.png", Some(Finger::RightMiddle)),
            ("11.png", None),
            ("0.png", None),
            ("holiday.png", None),
            ("", None),
            ("<script>.png", None),
        ] {
            assert_eq!(finger_in(file), finger, "{file}");
        }
    }

    #[test]
    fn the_sequence_takes_every_finger_once() {
        let mut fingers = SEQUENCE.to_vec();
        fingers.sort();
        assert_eq!(fingers, Finger::TEN);
    }
}
