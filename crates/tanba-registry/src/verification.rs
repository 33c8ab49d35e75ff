//! One to one: whether a finger is that of the person with a number. The answer is yes or no, and nothing in it says why it is no.

use tanba_finger::{Extractor, NoSink, Prepared, Template};
use tanba_formats::Finger;
use tanba_gallery::{Effort, Enrolment, EntryId, Filter};

use crate::completion::search;
use crate::error::{RegistryError, Result};
use crate::ids::PersonId;
use crate::registry::{CIVIL, Registry};
use crate::thresholds::InForce;

/// An image file of a finger and, where the file doesn't say it, pixels per inch.
pub(crate) type PrintFile = (Finger, Vec<u8>, Option<f64>);

/// The prints that somebody asks with.
pub(crate) struct Asked {
    /// As they are compared.
    pub(crate) fingers: Vec<(Finger, Prepared)>,
    templates: Vec<(Finger, Template)>,
}

impl Asked {
    /// Images to prints, off the asynchronous threads.
    ///
    /// # Errors
    /// None or more than 20 images; one that cannot be read or holds no print.
    pub(crate) async fn read(extractor: &'static dyn Extractor, files: &[PrintFile]) -> Result<Self> {
        if files.is_empty() || files.len() > 20 {
            return Err(RegistryError::Invalid { field: "prints", problem: "give 1 to 20 images".to_owned() });
        }
        let files = files.to_vec();
        Registry::aside(move || {
            let mut templates = Vec::with_capacity(files.len());
            for (finger, bytes, ppi) in files {
                let ppi = ppi.and_then(tanba_formats::Ppi::new);
                let decoded = tanba_formats::image::read(&bytes, &tanba_formats::image::ReadOptions::with_ppi(ppi))?;
                templates.push((finger, extractor.extract(&decoded.value, &mut NoSink)?));
            }
            let fingers = templates.iter().map(|(finger, template)| (*finger, Prepared::new(template))).collect();
            Ok(Self { fingers, templates })
        })
        .await?
    }
}

impl Registry {
    /// Whether these prints are those registered for a person. Nobody, a person without prints, blocked or erased ones: each is a no that
    /// comes after a comparison too, with the probe's own prints in place of the missing ones, so that no answer is early for the want of
    /// one. The time that it takes is not constant all the same: hands differ in prints and minutiae.
    ///
    /// # Errors
    /// [`RegistryError::Keys`] while the register has no keys; prints of which none can be compared; damaged rows.
    pub(crate) async fn is_of_person(
        &self,
        person: Option<PersonId>,
        asked: &Asked,
        threshold: InForce,
    ) -> Result<bool> {
        // Without keys there are no prints to compare with, and then nobody is told apart from somebody.
        self.gallery()?;
        let mut enrolled = match person {
            Some(person) => self.enrolled_of(person, None).await?,
            None => tanba_gallery::Gallery::new(),
        };
        let somebody = enrolled.people() > 0;
        if !somebody {
            enrolled.insert(&Enrolment::new(EntryId(0), CIVIL, asked.templates.clone()))?;
        }
        let (_, found) = search(
            enrolled,
            &asked.fingers,
            f64::NEG_INFINITY,
            Effort::Exhaustive,
            Filter::default(),
            &std::sync::Arc::default(),
        )
        .await?;
        let near = found.first().is_some_and(|(_, log10_lr)| *log10_lr >= threshold.value());
        Ok(somebody & near)
    }
}
