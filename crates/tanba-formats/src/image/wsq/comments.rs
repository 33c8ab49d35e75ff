//! The comments of a WSQ file, and NIST's among them: lines of a name and a value, which begin with `NIST_COM` and the number of
//! lines. The only place where a WSQ file states its resolution.

use super::segments::{Part, Stream};
use crate::Gray8;
use crate::image::admission::Gate;
use crate::image::{ImageError, ImageFormat, detect};

/// How NIST's comment begins.
const NIST: &[u8] = b"NIST_COM";
/// Names whose values are those of the image and its coding; others in a comment are kept.
const OWN: [&str; 9] =
    ["NIST_COM", "PIX_WIDTH", "PIX_HEIGHT", "PIX_DEPTH", "PPI", "LOSSY", "COLORSPACE", "COMPRESSION", "WSQ_BITRATE"];

/// One comment, as its bytes: most are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment(pub Vec<u8>);

impl Comment {
    /// Whether it is NIST's list of names and values.
    pub fn is_nist(&self) -> bool {
        self.0.starts_with(NIST)
    }

    /// The value of a name in NIST's comment, such as `PPI`.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.lines().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Names and values of NIST's comment; none of any other.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = if self.is_nist() { std::str::from_utf8(&self.0).unwrap_or_default() } else { "" };
        text.lines().filter_map(|line| line.trim().split_once(' ')).map(|(name, value)| (name, value.trim()))
    }
}

/// All comments of a WSQ file, in its order. They can be given to [`crate::image::write`] with the picture.
///
/// # Errors
/// [`ImageError`] for what is no WSQ file, or is damaged before its end.
pub fn comments(bytes: &[u8]) -> Result<Vec<Comment>, ImageError> {
    if detect(bytes)? != ImageFormat::Wsq {
        return Err(ImageError::NotAnImage);
    }
    let gate = Gate::new(ImageFormat::Wsq, None);
    let mut stream = Stream::new(bytes);
    let mut found = Vec::new();
    loop {
        match stream.part(&gate)? {
            Part::End => return Ok(found),
            Part::Comment(text) => found.push(Comment(text.to_vec())),
            Part::Block(_) => stream.skip_words(),
            Part::Other => {}
        }
    }
}

/// The resolution in NIST's comment.
pub(super) fn ppi_of(comment: &[u8]) -> Option<f64> {
    let text = comment.strip_prefix(NIST)?;
    let line = text.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"PPI "))?;
    let ppi: f64 = std::str::from_utf8(line).ok()?.trim().parse().ok()?;
    // Programs write -1 where they know none.
    (ppi > 0.0).then_some(ppi)
}

/// The comments to write: NIST's first, with the values of this image and what else a given one has, then the others.
pub(super) fn nist_comment(image: &Gray8, bits_per_pixel: f64, given: &[Comment]) -> Vec<Vec<u8>> {
    let mut lines = vec![
        format!("PIX_WIDTH {}", image.width()),
        format!("PIX_HEIGHT {}", image.height()),
        "PIX_DEPTH 8".into(),
        format!("PPI {:.0}", image.ppi().get()),
        "LOSSY 1".into(),
        "COLORSPACE GRAY".into(),
        "COMPRESSION WSQ".into(),
        format!("WSQ_BITRATE {bits_per_pixel:.6}"),
    ];
    let kept = given.iter().flat_map(Comment::lines).filter(|(name, _)| !OWN.contains(name));
    lines.extend(kept.map(|(name, value)| format!("{name} {value}")));
    // The number of lines counts this one.
    let text = format!("NIST_COM {}\n{}", lines.len() + 1, lines.join("\n"));
    let others = given.iter().filter(|c| !c.is_nist()).map(|c| c.0.clone());
    std::iter::once(text.into_bytes()).chain(others).collect()
}
