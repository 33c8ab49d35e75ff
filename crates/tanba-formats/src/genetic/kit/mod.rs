//! Which loci a kit types, or a set of loci asks for, in the order of its channels.

mod table;

use super::marker::{Marker, MarkerName};

pub use table::{KITS, LOCUS_SETS};

/// A kit of a manufacturer, or a set of loci that a law or an agreement names.
#[derive(Debug, PartialEq, Eq)]
pub struct Kit {
    /// The name that its maker or its standard gives it.
    pub name: &'static str,
    /// Who makes it; absent for a set of loci.
    pub maker: Option<&'static str>,
    /// The name that the `KIT` field of a CODIS CMF file has for it.
    pub cmf_name: Option<&'static str>,
    /// The dye channels in the order of their wavelengths, each with its markers from short to long fragments.
    channels: &'static [Channel],
}

/// The markers that carry one dye.
#[derive(Debug, PartialEq, Eq)]
pub struct Channel {
    /// The maker's name of the dye; absent in a set of loci.
    pub dye: Option<&'static str>,
    /// Marker names as in [`MARKERS`](super::marker::MARKERS).
    markers: &'static [&'static str],
}

impl Kit {
    /// The kit or set of a name, its own or that of CODIS; case, blanks, hyphens and points do not matter.
    pub fn find(name: &str) -> Option<&'static Self> {
        let plain = plain(name);
        KITS.iter()
            .chain(LOCUS_SETS)
            .find(|kit| self::plain(kit.name) == plain || kit.cmf_name.is_some_and(|cmf| self::plain(cmf) == plain))
    }

    /// Its markers, channel by channel.
    pub fn markers(&self) -> impl Iterator<Item = &'static Marker> {
        self.channels.iter().flat_map(Channel::markers)
    }

    /// Its dye channels.
    pub fn channels(&self) -> &'static [Channel] {
        self.channels
    }

    /// The dye of a marker in this kit.
    pub fn dye(&self, marker: &Marker) -> Option<&'static str> {
        self.channels.iter().find(|channel| channel.markers.contains(&marker.name))?.dye
    }

    /// Whether it types a marker.
    pub fn types(&self, marker: &MarkerName) -> bool {
        self.markers().any(|own| own.name == marker.as_str())
    }

    /// The kits that type every one of these markers, smallest first: which kit a profile may come from.
    pub fn that_type(markers: &[MarkerName]) -> Vec<&'static Self> {
        let mut kits: Vec<_> = KITS.iter().filter(|kit| markers.iter().all(|marker| kit.types(marker))).collect();
        kits.sort_by_key(|kit| kit.markers().count());
        kits
    }
}

impl Channel {
    /// Its markers, from short to long fragments.
    pub fn markers(&self) -> impl Iterator<Item = &'static Marker> {
        self.markers.iter().filter_map(|name| Marker::find(name))
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::marker::Chromosome;
    use super::*;

    #[test]
    fn every_marker_of_a_kit_is_known_and_stands_once() {
        for kit in KITS.iter().chain(LOCUS_SETS) {
            let names: Vec<_> = kit.channels.iter().flat_map(|channel| channel.markers).copied().collect();
            for (i, name) in names.iter().enumerate() {
                assert_eq!(Marker::find(name).map(|m| m.name), Some(*name), "{} {name}", kit.name);
                assert!(!names[..i].contains(name), "{} {name}", kit.name);
            }
            assert_eq!(kit.markers().count(), names.len());
            assert_eq!(Kit::find(kit.name), Some(kit));
            assert!(kit.cmf_name.is_none_or(|name| Kit::find(name) == Some(kit)), "{}", kit.name);
        }
    }

    #[test]
    fn kits_type_as_many_loci_as_their_makers_say() {
        for (name, markers) in [
            ("CODIS 20", 20),
            ("CODIS 13", 13),
            ("ESS", 12),
            ("ESS 7", 7),
            ("Pruem 24", 24),
            ("GlobalFiler", 24),
            ("PowerPlex Fusion", 24),
            ("PowerPlex Fusion 6C", 27),
            ("VeriFiler Plus", 25),
            ("VeriFiler Express", 25),
            ("Identifiler Plus", 16),
            ("NGM", 16),
            ("NGM SElect", 17),
            ("PowerPlex 16", 16),
            ("PowerPlex 21", 21),
            ("PowerPlex ESI 17", 17),
            ("PowerPlex ESX 17", 17),
            ("Investigator 24plex QS", 22 + 1),
            ("Yfiler", 16),
            ("Yfiler Plus", 25),
            ("PowerPlex Y23", 22),
            ("Investigator Argus X-12", 13),
        ] {
            assert_eq!(Kit::find(name).map(|kit| kit.markers().count()), Some(markers), "{name}");
        }
        // Two copies of DYS385 and DYF387S1 make the 27 and 23 loci of the names.
        let copies = |name| Kit::find(name).unwrap().markers().map(|m| u32::from(m.copies)).sum::<u32>();
        assert_eq!((copies("Yfiler Plus"), copies("PowerPlex Y23"), copies("Yfiler")), (27, 23, 17));
    }

    #[test]
    fn which_kit_may_have_typed_a_profile() {
        let markers = ["SE33", "DYS570", "Penta D"].map(MarkerName::of);
        assert_eq!(Kit::that_type(&markers).iter().map(|kit| kit.name).collect::<Vec<_>>(), ["PowerPlex Fusion 6C"]);
        let global = Kit::find("global-filer").unwrap();
        assert_eq!(global.dye(Marker::find("SE33").unwrap()), Some("TAZ"));
        let core = Kit::find("CODIS 20").unwrap();
        assert!(core.markers().all(|m| matches!(m.chromosome, Chromosome::Autosome(_))));
        assert!(core.markers().all(|m| global.types(&m.into())));
    }
}
