//! Any file of this field, the engine's own templates among them: what `tanba inspect`, `tanba convert` and the console read.

use tanba_formats::file::{self, ConvertError, File, OpenError, Options, Picture, Target};
use tanba_formats::{Decoded, Diagnostic, Finger, Outline, minutiae};

use crate::iso::{self, IsoError};
use crate::{Template, TemplateBytesError};

/// The name of the engine's own templates as a format.
pub const TEMPLATE: &str = "tanba-template";
/// What files of templates end in.
pub const TEMPLATE_ENDING: &str = "tanba";

/// Square millimetres that a sample of a ridge map stands for: 250 of them to an inch.
const MM2_PER_SAMPLE: f32 = (25.4 / 250.0) * (25.4 / 250.0);

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyFile<'a> {
    /// One of everybody's formats.
    Format(Box<File<'a>>),
    /// A template of the engine's own.
    Template(Template),
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnyFileError {
    /// As one of everybody's formats.
    #[error(transparent)]
    Format(#[from] OpenError),
    /// As a template of the engine's own.
    #[error(transparent)]
    Template(#[from] TemplateBytesError),
}

/// What a file is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnyTarget {
    /// One of everybody's formats.
    Format(Target),
    /// A template of the engine's own.
    Template,
}

/// Why a file was not converted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnyConvertError {
    /// Between everybody's formats.
    #[error(transparent)]
    Format(#[from] ConvertError),
    /// From minutiae to a template.
    #[error(transparent)]
    Minutiae(#[from] IsoError),
    /// Templates are made of minutiae.
    #[error(
        "a file of format {from} cannot become {TEMPLATE}: a template comes from minutiae, which `tanba extract` finds in a picture"
    )]
    NoMinutiae {
        /// The format that there is.
        from: &'static str,
    },
}

/// Reads a file of any format. Diagnostics are those of the format's own reader.
///
/// # Errors
/// [`AnyFileError`] when it is of no format that is read, or damaged beyond reading.
pub fn open(bytes: &[u8]) -> Result<Decoded<AnyFile<'_>>, AnyFileError> {
    match Template::from_bytes(bytes) {
        Ok(template) => Ok(Decoded { value: AnyFile::Template(template), diagnostics: Vec::new() }),
        Err(TemplateBytesError::NotATemplate) => {
            let opened = file::open(bytes)?;
            Ok(Decoded { value: AnyFile::Format(Box::new(opened.value)), diagnostics: opened.diagnostics })
        }
        Err(damaged) => Err(damaged.into()),
    }
}

impl AnyFile<'_> {
    /// Stable name of the format: those of [`File::format`], or [`TEMPLATE`].
    pub fn format(&self) -> &'static str {
        match self {
            Self::Format(file) => file.format(),
            Self::Template(_) => TEMPLATE,
        }
    }

    /// How many records it holds; 1 for a picture and a template.
    pub fn records(&self) -> usize {
        match self {
            Self::Format(file) => file.records(),
            Self::Template(_) => 1,
        }
    }

    /// The file as a tree.
    pub fn outline(&self) -> Outline {
        match self {
            Self::Format(file) => file.outline(),
            Self::Template(template) => outline(template),
        }
    }

    /// Every picture of ridges in it.
    pub fn pictures(&self) -> Vec<Picture<'_>> {
        match self {
            Self::Format(file) => file.pictures(),
            Self::Template(_) => Vec::new(),
        }
    }

    /// The minutiae in it, to be drawn: of every view of a record, with the number of the view, or of the template. A view
    /// that is none is a diagnostic.
    pub fn templates(&self) -> Decoded<Vec<(Option<usize>, Template)>> {
        let record = match self {
            Self::Template(template) => {
                return Decoded { value: vec![(None, template.clone())], diagnostics: Vec::new() };
            }
            Self::Format(file) => match file.as_ref() {
                File::Minutiae(record) => record,
                _ => return Decoded { value: Vec::new(), diagnostics: Vec::new() },
            },
        };
        let (mut value, mut diagnostics) = (Vec::new(), Vec::new());
        for view in 0..record.views.len() {
            match iso::from_record(record, view) {
                Ok(template) => value.push((Some(view + 1), template)),
                Err(error) => {
                    let message = format!("view {} is not drawn: {error}", view + 1);
                    diagnostics.push(Diagnostic { code: "view-not-drawn", message, offset: None });
                }
            }
        }
        Decoded { value, diagnostics }
    }

    /// What it can become.
    pub fn targets(&self) -> Vec<AnyTarget> {
        let record;
        let (file, template) = match self {
            Self::Template(template) => {
                record = as_record(template, Finger::Unknown);
                (&record, true)
            }
            Self::Format(file) => {
                (file.as_ref(), matches!(file.as_ref(), File::Minutiae(record) if !record.views.is_empty()))
            }
        };
        let formats = file.targets().into_iter().map(AnyTarget::Format);
        formats.chain(template.then_some(AnyTarget::Template)).collect()
    }

    /// The file in another format; a template goes by way of the record that holds most of it. Diagnostics are those of
    /// [`file::convert`].
    ///
    /// # Errors
    /// [`AnyConvertError`] where the target has no place for the contents, or a value does not fit it.
    pub fn convert(&self, target: AnyTarget, options: &Options) -> Result<Decoded<Vec<u8>>, AnyConvertError> {
        let (record, mut diagnostics);
        let file = match self {
            Self::Format(file) => {
                diagnostics = Vec::new();
                file.as_ref()
            }
            Self::Template(template) if target == AnyTarget::Template => {
                return Ok(Decoded { value: template.to_bytes(), diagnostics: Vec::new() });
            }
            Self::Template(template) => {
                record = as_record(template, options.finger);
                diagnostics = left_out(template);
                &record
            }
        };
        let value = match target {
            AnyTarget::Format(target) => {
                let done = file::convert(file, target, options)?;
                diagnostics.extend(done.diagnostics);
                done.value
            }
            AnyTarget::Template => match file {
                File::Minutiae(record) => iso::from_record(record, 0)?.to_bytes(),
                _ => return Err(AnyConvertError::NoMinutiae { from: file.format() }),
            },
        };
        Ok(Decoded { value, diagnostics })
    }
}

fn as_record(template: &Template, finger: Finger) -> File<'static> {
    File::Minutiae(iso::to_record_of(template, finger, minutiae::Edition::Iso2005))
}

fn left_out(template: &Template) -> Vec<Diagnostic> {
    let message = "the ridge map has no place in other formats and was left out: they match a little worse".into();
    let note = Diagnostic { code: "left-out", message, offset: None };
    template.ridges.is_some().then_some(note).into_iter().collect()
}

fn outline(template: &Template) -> Outline {
    let ridges = match &template.ridges {
        Some(map) => format!("{:.0} mm2 readable", map.area() as f32 * MM2_PER_SAMPLE),
        None => "none".to_owned(),
    };
    Outline::of("Tanba template")
        .with(Outline::leaf("size", format!("{} x {} pixels at 500 ppi", template.width, template.height)))
        .with(Outline::leaf("quality", format!("{} of 100", template.quality)))
        .with(Outline::leaf("extractor", template.recipe))
        .with(Outline::leaf("minutiae", template.minutiae.len()))
        .with(Outline::leaf("ridge map", ridges))
}

impl AnyTarget {
    /// The target of a name: one of [`Target::names`], or [`TEMPLATE`].
    pub fn named(name: &str) -> Option<Self> {
        if name == TEMPLATE { Some(Self::Template) } else { Target::named(name).map(Self::Format) }
    }

    /// The target that a file's name ends in.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let ends = |stem: &str| stem.ends_with('.');
        if name.to_ascii_lowercase().strip_suffix(TEMPLATE_ENDING).is_some_and(ends) {
            Some(Self::Template)
        } else {
            Target::of_file_name(name).map(Self::Format)
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Format(target) => target.name(),
            Self::Template => TEMPLATE,
        }
    }

    /// The usual ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Format(target) => target.ending(),
            Self::Template => TEMPLATE_ENDING,
        }
    }

    /// All names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Target::names().chain([TEMPLATE])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Minutia, MinutiaKind, Recipe};

    fn template() -> Template {
        let minutia = |k: u8| Minutia {
            x: 20.0 + f32::from(k),
            y: 30.0,
            direction: 0.0,
            kind: MinutiaKind::Ending,
            quality: 90 - k,
        };
        let minutiae = (0..9).map(minutia).collect();
        Template { recipe: Recipe::Learned1, width: 100, height: 120, quality: 70, minutiae, ridges: None }
    }

    #[test]
    fn a_template_is_told_and_becomes_what_minutiae_become() {
        let bytes = template().to_bytes();
        let file = open(&bytes).unwrap().value;
        assert_eq!((file.format(), file.records()), (TEMPLATE, 1));
        assert!(file.outline().to_string().contains("minutiae: 9"), "{}", file.outline());
        assert!(file.outline().to_string().contains("extractor: learned-1"), "{}", file.outline());
        assert_eq!(file.templates().value, [(None, template())]);
        for target in file.targets() {
            let done = file.convert(target, &Options::default()).unwrap();
            let back = open(&done.value).unwrap().value;
            assert_eq!(back.format(), target.name().trim_end_matches("-am1"), "{target:?}");
            let kept = &back.templates().value[0].1;
            assert_eq!(kept.minutiae.len(), 9, "{target:?}");
            // Other formats have no place for it.
            let own = target == AnyTarget::Template;
            assert_eq!(kept.recipe, if own { Recipe::Learned1 } else { Recipe::Unknown }, "{target:?}");
        }
        let refused = file.convert(AnyTarget::named("png").unwrap(), &Options::default()).unwrap_err();
        assert!(refused.to_string().contains("cannot become png"), "{refused}");
    }

    #[test]
    fn names_and_endings_know_the_template_too() {
        assert_eq!(AnyTarget::named(TEMPLATE), Some(AnyTarget::Template));
        assert_eq!(AnyTarget::of_file_name("A.TANBA"), Some(AnyTarget::Template));
        assert_eq!(AnyTarget::of_file_name("tanba"), None);
        assert!(AnyTarget::names().all(|name| AnyTarget::named(name).is_some_and(|t| t.name() == name)));
    }

    #[test]
    fn a_damaged_template_is_no_other_format() {
        let mut bytes = template().to_bytes();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(matches!(open(&bytes), Err(AnyFileError::Template(_))));
        assert!(matches!(open(b""), Err(AnyFileError::Format(OpenError::Empty))));
    }
}
