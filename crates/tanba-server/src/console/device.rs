//! Fingers for a station without a scanner: a demonstration or a training register brings a device that knows the hands of
//! its invented people.

use tanba_formats::Finger;

/// A scanner that is not there, and people who do not exist.
pub trait VirtualDevice: Send + Sync {
    /// Whose hands it knows: a key for [`VirtualDevice::touch`], and a name to choose by.
    fn hands(&self) -> Vec<VirtualHands>;

    /// What this finger leaves on the glass at this attempt, as an image file; `None` where the hands lack the finger or
    /// are not known. The first attempt at some fingers is a poor one, as with people.
    fn touch(&self, hands: &str, finger: Finger, attempt: u32) -> Option<Vec<u8>>;

    /// The hands of the person with this identification number, where the device knows them.
    fn hands_of(&self, iin: &str) -> Option<String>;
}

/// Hands to choose from.
#[derive(Debug, Clone)]
pub struct VirtualHands {
    /// The key: opaque, no identification number.
    pub key: String,
    /// The name to show.
    pub name: String,
}
