//! Published transactions in both encodings.

use tanba_formats::ansi_nist::{self, Body, Transaction, xml};

use super::{files, reference};

/// Without where things began, and without lengths, which XML does not have.
fn plain(transaction: &Transaction<'_>) -> Vec<(u8, Body<'static>)> {
    let record = |r: &ansi_nist::Record<'_>| {
        let body = match &r.body {
            Body::Tagged(fields) => {
                let mut fields: Vec<_> = fields
                    .iter()
                    .filter(|f| f.number != 1)
                    .map(|f| ansi_nist::Field::new(f.number, trimmed(r.kind, f)))
                    .collect();
                fields.sort_by_key(|f| f.number);
                // Of several fields 999 the last is the image.
                let images = fields.iter().filter(|f| f.number == 999).count();
                if images > 1 {
                    fields.drain(fields.len() - images..fields.len() - 1);
                }
                Body::Tagged(fields)
            }
            Body::Image(image) => {
                Body::Image(ansi_nist::BinaryImage { data: image.data.to_vec().into(), ..image.clone() })
            }
            Body::Opaque { idc, data } => Body::Opaque { idc: *idc, data: data.to_vec().into() },
        };
        (r.kind, body)
    };
    transaction.records.iter().map(record).collect()
}

/// A value without empty items at the ends of its subfields, which say nothing.
fn trimmed(kind: u8, field: &ansi_nist::Field<'_>) -> Vec<u8> {
    if field.number == 999 && kind > 8 {
        return field.value.to_vec();
    }
    let used = |s: &[u8]| s.iter().rposition(|b| *b != 0x1f).map_or(0, |last| last + 1);
    field.value.split(|b| *b == 0x1e).map(|s| s[..used(s)].to_vec()).collect::<Vec<_>>().join(&0x1e)
}

#[test]
fn every_published_transaction_is_written_back_byte_for_byte() {
    let Some(reference) = reference() else { return };
    let transactions = files(&reference.join("formats"), &["an2"]);
    assert!(transactions.len() >= 36, "{}", transactions.len());
    for path in transactions {
        let bytes = std::fs::read(&path).unwrap();
        let read = ansi_nist::read(&bytes).unwrap();
        let written = ansi_nist::write(&read.value).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let at = written.iter().zip(&bytes).position(|(a, b)| a != b);
        assert!(written == bytes, "{}: {at:?} {} {}", path.display(), written.len(), bytes.len());
    }
}

#[test]
fn every_published_transaction_goes_through_xml_and_back() {
    let Some(reference) = reference() else { return };
    for path in files(&reference.join("formats"), &["an2"]) {
        let bytes = std::fs::read(&path).unwrap();
        let read = ansi_nist::read(&bytes).unwrap();
        let written = xml::write(&read.value).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let again = ansi_nist::read(&written).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(again.diagnostics, [], "{}", path.display());
        let (a, b) = (plain(&read.value), plain(&again.value));
        for (x, y) in a.iter().zip(&b) {
            if let ((kind, Body::Tagged(x)), (_, Body::Tagged(y))) = (x, y) {
                for (x, y) in x.iter().zip(y) {
                    let text = |f: &ansi_nist::Field<'_>| {
                        String::from_utf8_lossy(&f.value).chars().take(200).collect::<String>()
                    };
                    assert!(
                        x == y,
                        "{}: {kind}.{:03} {} | {:03} {}",
                        path.display(),
                        x.number,
                        text(x),
                        y.number,
                        text(y)
                    );
                }
            }
            assert!(x == y, "{}", path.display());
        }
        assert!(a == b, "{}", path.display());
    }
}

#[test]
fn every_published_transaction_in_xml_is_read_and_written_back() {
    let Some(reference) = reference() else { return };
    let mut transactions = files(&reference.join("formats/interpol-int-i"), &["xml"]);
    transactions.extend(files(&reference.join("formats/nbis-an2k"), &["xml"]));
    assert!(transactions.len() >= 9, "{}", transactions.len());
    for path in transactions {
        let bytes = std::fs::read(&path).unwrap();
        let read = ansi_nist::read(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(read.value.outline().children.len() == read.value.records.len(), "{}", path.display());
        // The sample of all fields counts two records where it has dozens; another has a domain of its own.
        let codes: Vec<_> = read.diagnostics.iter().map(|d| d.code).collect();
        let name = path.file_name().unwrap().to_string_lossy();
        match &*name {
            "AllFields.xml" => assert_eq!(codes, ["records-uncounted"]),
            _ if name.starts_with("SAMPLE.") => assert_eq!(codes, ["element-unknown"]),
            _ => assert_eq!(codes, [""; 0], "{name}"),
        }
        let written = xml::write(&read.value).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let again = ansi_nist::read(&written).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(plain(&read.value) == plain(&again.value), "{}", path.display());
        assert!(xml::write(&again.value).unwrap() == written, "{}", path.display());
    }
}

#[test]
fn the_same_published_minutiae_in_two_blocks_are_the_same_minutiae() {
    let Some(reference) = reference() else { return };
    let sets = |name: &str| {
        let bytes = std::fs::read(reference.join("formats/ansi-nist").join(name)).unwrap();
        let sets = ansi_nist::read(&bytes).unwrap().value.minutiae();
        sets.into_iter().inspect(|s| assert_eq!(s.diagnostics, [], "{name}")).map(|s| s.value).collect::<Vec<_>>()
    };
    let (standard, incits) = (sets("type-9-13-std.an2"), sets("type-9-13-9-14-m1.an2"));
    assert_eq!((standard.len(), incits.len()), (1, 2));
    let (a, b) = (&standard[0].record.views[0], &incits[0].record.views[0]);
    assert_eq!((a.width, a.height, a.minutiae.len()), (b.width, b.height, 48));
    assert_eq!(a.minutiae.len(), b.minutiae.len());
    for (a, b) in a.minutiae.iter().zip(&b.minutiae) {
        assert!(a.x.abs_diff(b.x) <= 1 && a.y.abs_diff(b.y) <= 1, "{a:?} {b:?}");
        let (a, b) = (f64::from(a.angle) * 360.0 / 256.0, f64::from(b.angle) * 2.0);
        let off = (a - b).rem_euclid(360.0);
        assert!(off.min(360.0 - off) <= 3.0, "{a} {b}");
    }
}

#[test]
fn published_transactions_are_held_to_their_rules() {
    let Some(reference) = reference() else { return };
    let mut transactions = files(&reference.join("formats"), &["an2"]);
    transactions.extend(files(&reference.join("formats/interpol-int-i"), &["xml"]));
    transactions.extend(files(&reference.join("formats/nbis-an2k"), &["xml"]));
    for path in transactions {
        let bytes = std::fs::read(&path).unwrap();
        let read = ansi_nist::read(&bytes).unwrap();
        let interpol = path.to_string_lossy().contains("INT-I");
        let profile = if interpol { ansi_nist::Profile::IntI } else { ansi_nist::Profile::Base };
        let found = ansi_nist::validate(&read.value, profile);
        let codes: Vec<_> = found.iter().map(|d| d.code).collect();
        let shown = path.display().to_string();
        match shown.rsplit_once("formats/").map_or("", |p| p.1) {
            // A time with an offset where UTC is asked for.
            p if p.contains("INT-I") => assert_eq!(codes, ["time-malformed"], "{shown}: {found:?}"),
            // A date with hyphens.
            p if p.contains("rec01_rec02_rec16") => assert_eq!(codes, ["date-malformed"], "{shown}: {found:?}"),
            p if p.starts_with("ansi-nist/") || p.starts_with("jnbis") || p.contains("SAMPLE.") => {
                assert_eq!(codes, [""; 0], "{shown}: {found:?}");
            }
            // Files made to test readers: what they say is not all true.
            _ => {}
        }
    }
}
