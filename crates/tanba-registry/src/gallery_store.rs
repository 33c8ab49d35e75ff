//! The gallery of a register: its folder of sealed segments, how it is made to agree with the database, and its upkeep.
//!
//! The database is the truth: who is registered, and their templates under their own keys. Segments are made from it so that a start takes
//! seconds and not hours; nobody needs a backup of them.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde_json::json;
use sqlx::SqliteConnection;
use tanba_gallery::{Archive, EntryId, Folder, FolderError, LookDevice, Refused, Save, Stats, Upkeep};
use tanba_seal::{KdfParams, KeyRing};
use zeroize::Zeroizing;

use crate::error::{RegistryError, Result};
use crate::gallery_changes::changes;
use crate::ids::EncounterId;
use crate::journal::Entry;
use crate::registry::{CIVIL, Registry, write_durably};
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, OsEntropy, Vault, all_labels, closed};

/// Whoever is erased is out of every answer at once; after this long nothing of them is left in a segment, and the segment's key is
/// destroyed. (Own choice; the register states it.)
pub const GALLERY_FORGETS_WITHIN: Duration = Duration::from_secs(600);
/// Encounters whose templates are read and coded at a time when a gallery is filled from the database.
const FILLED_AT_A_TIME: usize = 500;
/// Files being written, before they are renamed to their place; what a crash has left of them is never read.
const UNFINISHED: &str = ".unfinished";
/// Bytes before the wrapped key: how long it is.
const LENGTH: usize = 2;

/// Files of a gallery, each under a key of its own: the length of the wrapped key (2 bytes, little-endian), the wrapped key, the sealed content.
pub(crate) struct SealedFolder {
    root: PathBuf,
    vault: Arc<Vault>,
}

impl SealedFolder {
    /// The gallery's folder in a data folder, made where there is none.
    pub(crate) fn open(dir: &Path, vault: Arc<Vault>) -> std::io::Result<Self> {
        let root = dir.join("gallery");
        fs::create_dir_all(&root)?;
        match fs::remove_file(root.join(UNFINISHED)) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        Ok(Self { root, vault })
    }

    fn path(&self, name: &str) -> std::result::Result<PathBuf, FolderError> {
        // Names are the archive's own; a separator in one would leave the folder.
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) {
            return Err(FolderError::Failed("not the name of a file of a gallery".to_owned()));
        }
        Ok(self.root.join(name))
    }

    fn sync(&self) -> std::io::Result<()> {
        File::open(&self.root)?.sync_all()
    }
}

/// The owner under which a file's key and content are sealed: a file under another name does not open.
fn owner(name: &str) -> String {
    format!("gallery/{name}")
}

fn failed(error: &std::io::Error) -> FolderError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => FolderError::Full,
        ErrorKind::NotFound => FolderError::Missing,
        _ => FolderError::Failed(error.to_string()),
    }
}

/// Overwrites the wrapped key of an open file, durably.
fn destroy_key(file: &mut File) -> std::io::Result<()> {
    let mut length = [0; LENGTH];
    file.rewind()?;
    // A file that ends earlier has no key.
    if file.read_exact(&mut length).is_ok() {
        file.write_all(&vec![0; usize::from(u16::from_le_bytes(length))])?;
        file.sync_all()?;
    }
    Ok(())
}

impl Folder for SealedFolder {
    fn names(&self) -> std::result::Result<Vec<String>, FolderError> {
        let entries = fs::read_dir(&self.root).map_err(|e| failed(&e))?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        let names: std::io::Result<Vec<String>> = names.collect();
        Ok(names.map_err(|e| failed(&e))?.into_iter().filter(|name| name != UNFINISHED).collect())
    }

    fn read(&self, name: &str) -> std::result::Result<Zeroizing<Vec<u8>>, FolderError> {
        let bytes = fs::read(self.path(name)?).map_err(|e| failed(&e))?;
        let sealed = |why: &str| FolderError::Sealed(why.to_owned());
        let (length, rest) = bytes.split_first_chunk::<LENGTH>().ok_or_else(|| sealed("it is cut short"))?;
        let length = usize::from(u16::from_le_bytes(*length));
        let (wrapped, content) = rest.split_at_checked(length).ok_or_else(|| sealed("it is cut short"))?;
        let owner = owner(name);
        let key = self.vault.open_key(Domain::Template, &owner, wrapped).map_err(|error| match error {
            // Nothing is wrong with the file.
            RegistryError::Keys { .. } => FolderError::Failed(error.to_string()),
            _ => sealed("its key is destroyed, or is of another register"),
        })?;
        let opened = self.vault.open(&key, Domain::Template, &owner, "content", content);
        opened.map_err(|_| sealed("it was changed, or is damaged"))
    }

    fn write(&self, name: &str, content: &[u8]) -> std::result::Result<(), FolderError> {
        let path = self.path(name)?;
        let owner = owner(name);
        let not_sealed = |e: RegistryError| FolderError::Failed(e.to_string());
        let (key, wrapped) = self.vault.new_key(Domain::Template, &owner).map_err(not_sealed)?;
        let sealed = self.vault.seal(&key, Domain::Template, &owner, "content", content).map_err(not_sealed)?;
        let write = || -> std::io::Result<()> {
            // What stands there now loses its key too, once it counts no longer.
            let before = OpenOptions::new().read(true).write(true).open(&path);
            let length = u16::try_from(wrapped.len()).unwrap_or(u16::MAX).to_le_bytes();
            write_durably(&self.root.join(UNFINISHED), &path, &[&length, &wrapped, &sealed])?;
            match before {
                Ok(mut before) => destroy_key(&mut before),
                Err(_) => Ok(()),
            }
        };
        write().map_err(|e| {
            // Half a segment would keep the room that is missing.
            let _ = fs::remove_file(self.root.join(UNFINISHED));
            failed(&e)
        })
    }

    fn remove(&self, name: &str) -> std::result::Result<(), FolderError> {
        let path = self.path(name)?;
        let remove = || -> std::io::Result<()> {
            let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
                Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
                file => file?,
            };
            destroy_key(&mut file)?;
            fs::remove_file(&path)?;
            self.sync()
        };
        remove().map_err(|e| failed(&e))
    }
}

/// Opens the gallery of a data folder.
pub(crate) fn open(dir: &Path, vault: Arc<Vault>) -> Result<(Archive, Vec<Refused>)> {
    Ok(Archive::open(Box::new(SealedFolder::open(dir, vault)?))?)
}

/// A gallery kept as a register keeps its own, without a register: for measurements, and for tests that interrupt it.
pub struct ScratchGallery {
    dir: PathBuf,
    vault: Arc<Vault>,
}

impl ScratchGallery {
    /// The gallery in this folder; where there is none, one with new keys.
    ///
    /// # Errors
    /// A wrong passphrase; a folder that cannot be written.
    pub fn within(dir: &Path, passphrase: &str) -> Result<Self> {
        let keys = dir.join("keys.json");
        let ring = match fs::read(&keys) {
            Ok(file) => KeyRing::open(&file, passphrase)?,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                let labels = &all_labels();
                let (file, ring) =
                    KeyRing::create(passphrase, labels, "scratch.invalid", KdfParams::MINIMUM, &mut OsEntropy)?;
                fs::write(&keys, file)?;
                ring
            }
            Err(e) => return Err(e.into()),
        };
        Ok(Self { dir: dir.to_owned(), vault: Arc::new(Vault::new(ring)) })
    }

    /// Opens it, as at the start of a register.
    ///
    /// # Errors
    /// Those of [`Archive::open`].
    pub fn open(&self) -> Result<(Archive, Vec<Refused>)> {
        open(&self.dir, Arc::clone(&self.vault))
    }
}

/// Where a register has its gallery.
#[derive(Default)]
pub(crate) struct GallerySlot {
    open: Option<Arc<Archive>>,
    /// The one that was closed last, as long as anybody uses it.
    before: Weak<Archive>,
}

impl Registry {
    /// What is searched by prints.
    ///
    /// # Errors
    /// [`RegistryError::Keys`] while the register has no keys to open it with.
    pub(crate) fn gallery(&self) -> Result<Arc<Archive>> {
        self.gallery_slot().open.clone().ok_or_else(closed)
    }

    fn gallery_slot(&self) -> MutexGuard<'_, GallerySlot> {
        self.inner.gallery.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the gallery, and makes it agree with the database before anybody searches in it. Segments that could not be read are
    /// made anew from the database, and the log says it.
    pub(crate) async fn open_gallery(&self) -> Result<()> {
        // Of an earlier one, a round of upkeep may still write.
        while self.gallery_slot().before.strong_count() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (dir, vault) = (self.inner.dir.clone(), Arc::clone(&self.inner.vault));
        let (gallery, refused) = Self::aside(move || open(&dir, vault)).await??;
        let gallery = Arc::new(gallery);
        let mut sql = self.inner.pool.acquire().await?;
        let turn = self.inner.following.lock().await;
        let people = self.fill(&mut sql, &gallery).await?;
        let changed = changes(&mut sql).await?;
        self.follow_in(&mut sql, &gallery, &changed).await?;
        gallery.complete();
        let device = self.inner.look_device.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(device) = device {
            let gallery = Arc::clone(&gallery);
            if let Err(error) = Self::aside(move || gallery.look_on(device)).await? {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the processor takes the first look of searches"
                );
            }
        }
        self.gallery_slot().open = Some(gallery);
        drop((turn, sql));
        if refused.is_empty() {
            return Ok(());
        }
        for Refused { segment, why } in &refused {
            tracing::warn!(segment, why, "a file of the gallery could not be read and is made anew from the database");
        }
        let details = json!({
            "files": refused.iter().map(|r| &r.segment).collect::<Vec<_>>(), "people": people,
        });
        WriteTx::begin(&self.inner).await?.commit(&Entry::system("gallery.made_anew").details(details)).await?;
        Ok(())
    }

    /// Has no gallery from now on. Searches that run end with what they hold.
    pub(crate) fn close_gallery(&self) {
        let mut slot = self.gallery_slot();
        if let Some(gallery) = slot.open.take() {
            slot.before = Arc::downgrade(&gallery);
        }
    }

    /// Makes the gallery agree with the database.
    pub(crate) async fn fill_gallery(&self) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let _turn = self.inner.following.lock().await;
        let gallery = self.gallery()?;
        self.fill(&mut sql, &gallery).await?;
        let changed = changes(&mut sql).await?;
        self.follow_in(&mut sql, &gallery, &changed).await
    }

    /// Enrols whoever is registered and not in the gallery from their sealed templates, and takes out whoever is not registered, or
    /// whose key is destroyed; how many came.
    async fn fill(&self, sql: &mut SqliteConnection, gallery: &Arc<Archive>) -> Result<usize> {
        let encounters: Vec<String> = sqlx::query_scalar(
            "SELECT r.encounter_id FROM registrations r \
             JOIN data_keys k ON k.owner_id = r.encounter_id AND k.domain = $1 AND k.wrapped IS NOT NULL \
             WHERE r.state = 'active' AND r.population = 'civil' ORDER BY r.encounter_id",
        )
        .bind(Domain::Template.label())
        .fetch_all(&mut *sql)
        .await?;
        let mut here: BTreeSet<EntryId> = gallery.snapshot().entries(CIVIL);
        let mut missing = Vec::new();
        for encounter in encounters {
            let id: EncounterId = rows::parse_id(&encounter)?;
            if !here.remove(&EntryId(id.as_u128())) {
                missing.push(id);
            }
        }
        for entry in here {
            gallery.remove(entry);
        }
        for some in missing.chunks(FILLED_AT_A_TIME) {
            let mut people = Vec::with_capacity(some.len());
            for id in some {
                people.push(self.enrolment_of(&mut *sql, *id).await?);
            }
            let gallery = Arc::clone(gallery);
            Self::aside(move || gallery.insert_all(&people)).await??;
        }
        Ok(missing.len())
    }

    /// One round of the gallery's upkeep: see [`Archive::upkeep`]. Where people were erased since the last one, the log says that nothing
    /// is left of them.
    ///
    /// # Errors
    /// A full or failing disk; searches go on, new registrations are refused until a later round succeeds.
    pub async fn keep_gallery(&self, save: Save) -> Result<Upkeep> {
        let followed = self.follow_changes().await?;
        let gallery = self.gallery()?;
        let did = Self::aside(move || gallery.upkeep(save)).await??;
        self.forget_changes(followed).await?;
        if did.forgotten > 0 {
            let details = json!({"people": did.forgotten});
            WriteTx::begin(&self.inner).await?.commit(&Entry::system("gallery.forgotten").details(details)).await?;
        }
        if let Some(failure) = &did.device_failure {
            tracing::error!(
                error = failure as &dyn std::error::Error,
                "the device that takes the first look of searches holds nothing now; the processor looks, and gives the same answers"
            );
        }
        Ok(did)
    }

    /// Has a device, such as a GPU, take the first look of searches; answers are the same.
    ///
    /// # Errors
    /// [`Error`](crate::Error) where the device does not take the codes; the processor looks then.
    pub async fn look_on(&self, device: Arc<dyn LookDevice>) -> Result<()> {
        *self.inner.look_device.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&device));
        match self.gallery() {
            Ok(gallery) => Ok(Self::aside(move || gallery.look_on(device)).await??),
            // The next gallery has it from its beginning.
            Err(_) => Ok(()),
        }
    }

    /// Keeps the gallery until the registry is dropped. Call it once, in a service.
    pub fn keep_gallery_going(&self) -> tokio::task::JoinHandle<()> {
        let registry = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(GALLERY_FORGETS_WITHIN / 2).await;
                // A closed one is as it was.
                if registry.gallery().is_ok()
                    && let Err(error) = registry.keep_gallery(Save::WhenWorthIt).await
                {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the gallery could not be kept on disk; it will be tried again, and nobody is registered until then"
                    );
                }
            }
        })
    }

    /// What the gallery holds.
    pub fn gallery_stats(&self) -> Stats {
        self.gallery().map(|gallery| gallery.snapshot().stats()).unwrap_or_default()
    }
}
