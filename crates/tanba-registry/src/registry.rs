//! A data folder, opened: its database, keys, log, law packs and galleries.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock, RwLock};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqlitePool};
use tanba_dna::Category;
use tanba_finger::Extractor;
use tanba_gallery::{LookDevice, Population};
use tanba_law::Text;
use tanba_seal::log::LogVerifier;
use tanba_seal::{KdfParams, KeyRing};
use tokio::sync::{Mutex, Notify, watch};

use crate::actor::{Actor, Role};
use crate::erased::ErasedKeys;
use crate::error::{Denial, RegistryError, Result};
use crate::find::Handles;
use crate::gallery_store::GallerySlot;
use crate::genomic::GenomicIndex;
use crate::ids::OrganisationId;
use crate::institutions::{NewAccount, hash_password, insert_account};
use crate::journal::{Entry, hex};
use crate::key_process::{HeldKeys, KeyPeriod, KeyProcess};
use crate::keys::separate_groups;
use crate::law::LawBook;
use crate::law_delivery;
use crate::law_files::LawFiles;
use crate::marks::{FROM_THE_BEGINNING, mark_older_rows};
use crate::national::National;
use crate::own_index::OwnMapAt;
use crate::passkeys::PasskeyRules;
use crate::population_register::PopulationRegister;
use crate::renewal::RenewalRun;
use crate::sanctions::Running;
use crate::store::{self, WriteTx};
use crate::tile_dir::TileDir;
use crate::time::{Clock, Instant, Zone};
use crate::vault::{Domain, OsEntropy, Vault, Wrapping, add_group_keys, all_labels, fresh_bytes};

/// The gallery of registrations for identity documents.
pub(crate) const CIVIL: Population = Population(1);

/// For whom an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// People who don't exist; draft packs with their assumption sheet.
    Demonstration,
    /// Real people; signed packs only.
    Production,
}

impl Mode {
    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Demonstration => "demonstration",
            Self::Production => "production",
        }
    }
}

/// How a new instance begins.
pub struct Founding {
    /// For whom it is.
    pub mode: Mode,
    /// Whose law holds, such as `kz`.
    pub jurisdiction: String,
    /// By whose clock days begin, by its name in the IANA database; that of the jurisdiction where it keeps one time.
    pub time_zone: Option<String>,
    /// The name under which its log signs, by convention a URL without scheme.
    pub origin: String,
    /// The organisation that runs it.
    pub operator_code: String,
    /// The first administrator's login.
    pub administrator: String,
    /// The first administrator's password.
    pub password: String,
    /// The first administrator's personnel number.
    pub natural_person: String,
    /// The cost of turning the passphrase into a key.
    pub kdf: KdfParams,
}

/// A register: everything a program does with people's data goes through one of these.
#[derive(Clone)]
pub struct Registry {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) dir: PathBuf,
    pub(crate) mode: Mode,
    pub(crate) training: bool,
    pub(crate) zone: Zone,
    pub(crate) pool: SqlitePool,
    pub(crate) writer: Mutex<()>,
    pub(crate) registration: Mutex<()>,
    pub(crate) publishing: Mutex<()>,
    pub(crate) erased: Mutex<ErasedKeys>,
    /// Held by whoever brings what is searched in memory to what the rows say; whoever puts a record in reads under it that the record may
    /// still be searched. A connection is taken before it, so that nobody waits for one with it.
    pub(crate) following: Mutex<()>,
    /// Held by whoever writes the file of thresholds.
    pub(crate) settings_file: Mutex<()>,
    /// The log's newest key, with those before it.
    pub(crate) log_verifier: RwLock<LogVerifier>,
    pub(crate) publish_wanted: Notify,
    /// Since when a service has failed to publish the log.
    pub(crate) unpublished_since: std::sync::Mutex<Option<Instant>>,
    /// Rings when a new checkpoint is out.
    pub(crate) published: Notify,
    pub(crate) vault: Arc<Vault>,
    pub(crate) law: RwLock<Arc<LawBook>>,
    pub(crate) register: Arc<dyn PopulationRegister>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Who can be found by prints; none while the register has no keys to open it with.
    pub(crate) gallery: std::sync::Mutex<GallerySlot>,
    /// What takes the first look of searches, for a gallery that is opened later.
    pub(crate) look_device: std::sync::Mutex<Option<Arc<dyn LookDevice>>>,
    pub(crate) genomic: RwLock<GenomicIndex>,
    pub(crate) extractor: RwLock<&'static dyn Extractor>,
    pub(crate) passkeys: RwLock<PasskeyRules>,
    /// By which the person concerned signs in, where a provider is named.
    pub(crate) national: RwLock<Option<Arc<National>>>,
    pub(crate) decoy_hash: String,
    pub(crate) found: std::sync::Mutex<Handles>,
    pub(crate) running: std::sync::Mutex<Running>,
    /// Whether a sanction opens anything only where its authority has signed it.
    pub(crate) signed_sanctions: AtomicBool,
    pub(crate) renewal: std::sync::Mutex<Option<RenewalRun>>,
    /// Who releases the keys that are not in the key file.
    pub(crate) key_process: OnceLock<KeyProcess>,
    /// Until when it has given the keys of everything else.
    pub(crate) period: KeyPeriod,
    /// Keys of encounters that are at the counter now.
    pub(crate) held: HeldKeys,
    /// How many entries a quorum of the log's witnesses has cosigned; `None` where nobody is asked.
    pub(crate) witnessed: watch::Sender<Option<u64>>,
    /// The map of the index of own entries, once it was needed.
    pub(crate) own_map: Mutex<Option<OwnMapAt>>,
    // Held as long as the folder is open: two processes would sequence two logs.
    _lock: File,
}

impl Inner {
    /// What came of publishing the log in a service.
    pub(crate) fn was_published(&self, published: bool) {
        let now = self.clock.now();
        let mut since = self.unpublished_since.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *since = if published { None } else { Some(since.unwrap_or(now)) };
    }

    pub(crate) fn unpublished_seconds(&self) -> Option<u64> {
        let since = *self.unpublished_since.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        since.map(|since| u64::try_from((self.clock.now().micros() - since.micros()) / 1_000_000).unwrap_or(0))
    }

    /// The law in use now. Whoever decides by it and writes later asks again inside the transaction.
    pub(crate) fn law(&self) -> Arc<LawBook> {
        Arc::clone(&self.law.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// The database of a data folder.
pub(crate) fn database_file(dir: &Path) -> PathBuf {
    dir.join("tanba.sqlite")
}

/// The key file of a data folder.
pub(crate) fn key_file(dir: &Path) -> PathBuf {
    dir.join("keys.json")
}

/// The log of a data folder.
pub(crate) fn log_folder(dir: &Path) -> PathBuf {
    dir.join("log")
}

impl Registry {
    /// Whether a folder holds a register (or the beginning of one).
    pub fn exists(dir: &Path) -> bool {
        key_file(dir).exists() || database_file(dir).exists()
    }

    /// Whether a register of this kind may be founded at all: its law packs must be usable.
    ///
    /// # Errors
    /// An unknown jurisdiction; law files that cannot be used; draft packs for production.
    pub fn may_be_founded(jurisdiction: &str, mode: Mode, law: &LawFiles) -> Result<()> {
        LawBook::open(jurisdiction, mode, law.clone()).map(drop)
    }

    /// Founds a register in a folder that holds none: keys, database, log, the first administrator.
    ///
    /// # Errors
    /// A folder that holds one already; a weak passphrase or password; draft packs for production.
    pub async fn found(
        dir: &Path,
        passphrase: &str,
        founding: &Founding,
        register: Arc<dyn PopulationRegister>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        Self::found_under(dir, passphrase, founding, &LawFiles::default(), register, clock).await
    }

    /// Founds a register that works by the law packs of a folder.
    ///
    /// # Errors
    /// As [`Registry::found`]; files of law that cannot be used.
    pub async fn found_under(
        dir: &Path,
        passphrase: &str,
        founding: &Founding,
        law: &LawFiles,
        register: Arc<dyn PopulationRegister>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        Self::found_as(dir, passphrase, founding, (false, law), register, clock).await
    }

    /// Founds a register for exercises. It is a demonstration for good, its mark is never taken away, and exercises are
    /// scored in no other register.
    ///
    /// # Errors
    /// As [`Registry::found`]; invalid for production.
    pub async fn found_training(
        dir: &Path,
        passphrase: &str,
        founding: &Founding,
        register: Arc<dyn PopulationRegister>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        if founding.mode != Mode::Demonstration {
            return Err(RegistryError::Invalid {
                field: "mode",
                problem: "people are trained on people who don't exist: found a demonstration".to_owned(),
            });
        }
        Self::found_as(dir, passphrase, founding, (true, &LawFiles::default()), register, clock).await
    }

    async fn found_as(
        dir: &Path,
        passphrase: &str,
        founding: &Founding,
        (training, law): (bool, &LawFiles),
        register: Arc<dyn PopulationRegister>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        if Self::exists(dir) {
            return Err(RegistryError::DataFolder {
                what: "holds a register already".to_owned(),
                next: "choose another folder, or open this one",
            });
        }
        // Refused before anything is written: a register whose law packs may not be used is of no use.
        let book = LawBook::open(&founding.jurisdiction, founding.mode, law.clone())?;
        let time_zone = founding.time_zone.as_deref().or_else(|| tanba_law::time_zone(&founding.jurisdiction));
        let time_zone = time_zone.ok_or_else(|| RegistryError::Invalid {
            field: "time_zone",
            problem:
                "this country keeps several times, or none that is known: name the register's own, such as Asia/Almaty"
                    .to_owned(),
        })?;
        let zone = Zone::named(time_zone)?;
        if founding.password.chars().count() < crate::institutions::PASSWORD_MIN_CHARS {
            return Err(RegistryError::Invalid {
                field: "password",
                problem: format!(
                    "use at least {} characters; a sentence works well",
                    crate::institutions::PASSWORD_MIN_CHARS
                ),
            });
        }
        fs::create_dir_all(dir)?;
        let (file, ring) =
            KeyRing::create_post_quantum(passphrase, &all_labels(), &founding.origin, founding.kdf, &mut OsEntropy)?;
        let unfinished = dir.join("unfinished");
        write_durably(&unfinished, &key_file(dir), &[&file])?;
        let verifier_key = format!("{}\n", ring.log_signer().verifier());
        let verifier_file = log_folder(dir).join(tanba_seal::log::VERIFIER_KEY_PATH);
        write_durably(&unfinished, &verifier_file, &[verifier_key.as_bytes()])?;
        let registry = Self::assemble(
            (dir, ErasedKeys::of(dir, None)),
            ring,
            (founding.mode, training, zone),
            book,
            register,
            clock,
        )
        .await?;

        let mut tx = WriteTx::begin(&registry.inner).await?;
        let now = tx.now().micros();
        sqlx::query("INSERT INTO instance (id, mode, origin, jurisdiction, created_at, training, time_zone) VALUES (1, $1, $2, $3, $4, $5, $6)")
            .bind(founding.mode.name())
            .bind(&founding.origin)
            .bind(&founding.jurisdiction)
            .bind(now)
            .bind(i64::from(training))
            .bind(time_zone)
            .execute(tx.sql())
            .await?;
        let organisation = OrganisationId::fresh(now, fresh_bytes()?);
        sqlx::query(
            "INSERT INTO organisations (id, code, name, body, created_at) VALUES ($1, $2, $2, 'register_operator', $3)",
        )
        .bind(organisation.to_string())
        .bind(&founding.operator_code)
        .bind(now)
        .execute(tx.sql())
        .await?;
        let administrator = NewAccount {
            login: founding.administrator.clone(),
            password: founding.password.clone(),
            organisation,
            natural_person: founding.natural_person.clone(),
            roles: [Role::Administrator].into(),
            person: None,
        };
        let account = insert_account(&mut tx, &administrator).await?;
        let details = json!({"mode": founding.mode, "training": training, "jurisdiction": founding.jurisdiction, "time_zone": time_zone, "administrator": account, "packs": registry.law_in_use(), FROM_THE_BEGINNING: true});
        let statement = registry.state_first_key(&mut tx).await?;
        tx.log(&Entry::system("instance.founded").details(details).states(&statement)).await?;
        if *law != LawFiles::default() {
            registry.write_activation(&mut tx, &registry.inner.law(), None).await?;
        }
        tx.commit_logged().await?;
        registry.keep_log_keys().await?;
        registry.come_into_use().await?;
        registry.publish().await?;
        Ok(registry)
    }

    /// Opens a register. One whose keys are with a key process looks at nobody and finds nobody before
    /// [`Registry::begin_key_period`].
    ///
    /// # Errors
    /// A folder that holds none, or is open in another process; a wrong passphrase; a damaged key file; a schema of a
    /// newer version.
    pub async fn open(
        dir: &Path,
        passphrase: &str,
        register: Arc<dyn PopulationRegister>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        Self::open_beside(dir, passphrase, register, clock, None).await
    }

    /// Ends a register: waits for what is being written, ten seconds at most, refuses what comes after, and leaves the folder so that its files
    /// can be copied or replaced one by one; where another program reads the database meanwhile, a warning says that they cannot.
    ///
    /// # Errors
    /// Those of the database; everything that was answered is durable nevertheless.
    pub async fn close(&self) -> Result<()> {
        store::close(&self.inner.pool, &database_file(&self.inner.dir)).await
    }

    /// The same, with a copy of the list of erased keys at a second place, such as the supervisor's: whatever one of the two names is
    /// erased. Each key that is destroyed from now on is on both.
    ///
    /// # Errors
    /// As [`Registry::open`]; a list that is damaged or cannot be written.
    pub async fn open_beside(
        dir: &Path,
        passphrase: &str,
        register: Arc<dyn PopulationRegister>,
        clock: Arc<dyn Clock>,
        erased_copy: Option<&Path>,
    ) -> Result<Self> {
        let file = match fs::read(key_file(dir)) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(RegistryError::DataFolder {
                    what: "holds no register".to_owned(),
                    next: "found one with `tanba init --dir DIR`, or name the right folder",
                });
            }
            Err(e) => return Err(e.into()),
        };
        let ring = KeyRing::open(&file, passphrase)?;
        let pool = store::open(&database_file(dir)).await?;
        let row = sqlx::query("SELECT mode, training, jurisdiction, time_zone FROM instance WHERE id = 1")
            .fetch_optional(&pool)
            .await?;
        let Some(row) = row else {
            return Err(RegistryError::DataFolder {
                what: "holds a register whose founding was interrupted".to_owned(),
                next: "remove the folder and found the register again; nobody was registered in it",
            });
        };
        let mode = match row.try_get::<String, _>("mode")?.as_str() {
            "demonstration" => Mode::Demonstration,
            "production" => Mode::Production,
            _ => return Err(RegistryError::Damaged { what: "instance" }),
        };
        let training = row.try_get::<i64, _>("training")? != 0;
        let jurisdiction: String = row.try_get("jurisdiction")?;
        let zone = Zone::named(&row.try_get::<String, _>("time_zone")?)?;
        let law = {
            let mut sql = pool.acquire().await?;
            law_delivery::stored_law(&mut sql, &jurisdiction, mode).await?
        };
        pool.close().await;
        let kept = (mode, training, zone);
        let erased = ErasedKeys::of(dir, erased_copy);
        let registry = Self::assemble((dir, erased), ring, kept, law, register, clock).await?;
        registry.demand_law_of_the_log().await?;
        crate::journal::index_older_rows(&registry.inner).await?;
        mark_older_rows(&registry.inner).await?;
        registry.keep_log_keys().await?;
        registry.demand_rows_of_log().await?;
        registry.erase_again().await?;
        registry.load_references().await?;
        registry.separate_own_groups(passphrase).await?;
        if !registry.needs_key_period().await? {
            registry.come_into_use().await?;
        }
        // What was committed before a crash and not yet integrated is integrated now.
        registry.publish().await?;
        registry.carry_out_pruning(&mut |_| Ok(())).await?;
        registry.keep_settings().await?;
        if registry.settings().await?.is_err() {
            // The supervisor finds the alarm; nothing is compared meanwhile.
            registry.reconcile_rows().await?;
        }
        Ok(registry)
    }

    /// Has a key for each group of specimens, where an older version had one for all, and wraps with them what that one wrapped. The key
    /// file is written first; broken off anywhere, the next opening goes on.
    async fn separate_own_groups(&self, passphrase: &str) -> Result<()> {
        let vault = &self.inner.vault;
        if !vault.has(Domain::Genomic) {
            return Ok(());
        }
        if !Category::ALL.into_iter().all(|group| vault.has(Wrapping::Group(group))) {
            let path = key_file(&self.inner.dir);
            let file = fs::read(&path)?;
            let mut ring = KeyRing::open(&file, passphrase)?;
            add_group_keys(&mut ring)?;
            let anew = ring.rewrap(passphrase, KeyRing::kdf_of(&file)?, &mut OsEntropy)?;
            write_durably(&self.inner.dir.join("unfinished"), &path, &[&anew])?;
            tracing::warn!(
                "the key file has keys for each group of specimens now: copies of it that were made before open none of what is written from now on"
            );
            vault.take(ring);
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let keys = separate_groups(vault, tx.sql()).await?;
        if keys > 0 {
            tx.commit(&Entry::system("keys.separated").details(json!({"keys": keys}))).await?;
        }
        Ok(())
    }

    async fn assemble(
        (dir, erased): (&Path, ErasedKeys),
        ring: KeyRing,
        (mode, training, zone): (Mode, bool, Zone),
        law: LawBook,
        register: Arc<dyn PopulationRegister>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let lock = File::create(dir.join("lock"))?;
        if lock.try_lock().is_err() {
            return Err(RegistryError::DataFolder {
                what: "is open in another process".to_owned(),
                next: "stop that process first",
            });
        }
        // Makes the log's folder, and clears what an interrupted write has left.
        TileDir::open_for_writing(&log_folder(dir))?;
        let pool = store::open(&database_file(dir)).await?;
        let decoy: [u8; 32] = fresh_bytes()?;
        let log_verifier = RwLock::new(ring.log_signer().verifier().clone());
        let vault = Arc::new(Vault::new(ring));
        let registry = Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                mode,
                training,
                zone,
                pool,
                writer: Mutex::new(()),
                registration: Mutex::new(()),
                publishing: Mutex::new(()),
                erased: Mutex::new(erased),
                following: Mutex::new(()),
                settings_file: Mutex::new(()),
                log_verifier,
                publish_wanted: Notify::new(),
                unpublished_since: std::sync::Mutex::default(),
                published: Notify::new(),
                vault,
                law: RwLock::new(Arc::new(law)),
                register,
                clock,
                gallery: std::sync::Mutex::default(),
                look_device: std::sync::Mutex::default(),
                genomic: RwLock::new(GenomicIndex::new()),
                extractor: RwLock::new(tanba_finger::default_extractor()),
                passkeys: RwLock::new(PasskeyRules::of(mode)),
                national: RwLock::default(),
                decoy_hash: hash_password(&hex(&decoy))?,
                found: std::sync::Mutex::default(),
                running: std::sync::Mutex::default(),
                signed_sanctions: AtomicBool::new(mode == Mode::Production),
                renewal: std::sync::Mutex::default(),
                key_process: OnceLock::new(),
                period: KeyPeriod::default(),
                held: HeldKeys::default(),
                witnessed: watch::Sender::new(None),
                own_map: Mutex::default(),
                _lock: lock,
            }),
        };
        Ok(registry)
    }

    /// Opens what is searched, and fills what an earlier version of the program did not write. The keys are there.
    pub(crate) async fn come_into_use(&self) -> Result<()> {
        self.open_gallery().await?;
        // Those that are with a key process are opened when somebody needs them.
        let own: Vec<Category> =
            Category::ALL.into_iter().filter(|group| self.inner.vault.has(Wrapping::Group(*group))).collect();
        self.load_genomic(&own).await?;
        self.fill_name_keys().await
    }

    /// For whom this instance is.
    pub fn mode(&self) -> Mode {
        self.inner.mode
    }

    /// Whether this is a register for exercises.
    pub fn training(&self) -> bool {
        self.inner.training
    }

    /// Has another extractor make templates from now on. Those that are there stay as they are, and are compared with the new ones;
    /// [`Registry::renew_templates`] makes them anew.
    pub fn extract_with(&self, extractor: &'static dyn Extractor) {
        *self.inner.extractor.write().unwrap_or_else(std::sync::PoisonError::into_inner) = extractor;
    }

    /// What makes templates now.
    pub(crate) fn extractor(&self) -> &'static dyn Extractor {
        *self.inner.extractor.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The log's public key, for anyone who checks it.
    pub fn verifier_key(&self) -> String {
        self.log_verifier().to_string()
    }

    /// How many people can be found by their prints.
    pub fn people_searchable(&self) -> usize {
        self.gallery().map_or(0, |gallery| gallery.snapshot().people())
    }

    /// How many refusals of every kind the log holds.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn denials(&self) -> Result<u64> {
        let n: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM log_entries WHERE outcome = 'denial'")
            .fetch_one(&self.inner.pool)
            .await?;
        Ok(u64::try_from(n).unwrap_or(0))
    }

    /// The civil time of the register.
    pub fn zone(&self) -> &Zone {
        &self.inner.zone
    }

    /// The present, by the clock of the register.
    pub fn now(&self) -> Instant {
        self.inner.clock.now()
    }

    /// The civil date where the register stands.
    pub fn today(&self) -> Date {
        self.inner.zone.date(self.inner.clock.now())
    }

    /// Fails, with a log entry, unless the account has a role.
    pub(crate) async fn demand(&self, actor: &Actor, role: Role, what: &str) -> Result<()> {
        if actor.has(role) {
            return Ok(());
        }
        let denial = Entry::denial("role.denied", Some(actor)).details(json!({"role": role, "what": what}));
        let text = format!("this account may not {what}");
        self.deny(denial, "role", "roles of accounts", &text, vec![format!("an account with the role {role}")]).await
    }

    /// Work that takes a while, off the threads that answer requests.
    pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        tokio::task::spawn_blocking(work).await.map_err(|e| RegistryError::Io(std::io::Error::other(e)))
    }

    /// Writes the denial down, durably, and gives it as the answer.
    pub(crate) async fn deny<T>(
        &self,
        entry: Entry<'_>,
        code: &str,
        clause: &str,
        text: &str,
        needs: Vec<String>,
    ) -> Result<T> {
        let tx = WriteTx::begin(&self.inner).await?;
        self.deny_in(tx, entry, code, clause, text, needs).await
    }

    /// The same in a transaction that holds what goes with the denial, such as a count of wrong codes.
    pub(crate) async fn deny_in<T>(
        &self,
        tx: WriteTx<'_>,
        entry: Entry<'_>,
        code: &str,
        clause: &str,
        text: &str,
        needs: Vec<String>,
    ) -> Result<T> {
        // The reason is in the entry, so that a day's denials can be counted by it.
        let mut entry = entry;
        if entry.details.is_null() {
            entry.details = json!({});
        }
        if let Some(details) = entry.details.as_object_mut() {
            details.entry("reason").or_insert_with(|| json!(code));
        }
        let log_seq = tx.commit(&entry).await?;
        Err(RegistryError::Denied(Box::new(Denial {
            code: code.to_owned(),
            clause: clause.to_owned(),
            text: text.to_owned(),
            needs,
            log_seq,
            law_text: None,
            law_needs: Vec::new(),
        })))
    }

    /// The same where the law itself says no, or what is missing: its words go along in all their languages.
    pub(crate) async fn deny_by_law<T>(
        &self,
        entry: Entry<'_>,
        code: &str,
        clause: &str,
        words: &Text,
        needs: Vec<Text>,
    ) -> Result<T> {
        let told = needs.iter().map(|need| need.en.clone()).collect();
        let mut answer = self.deny(entry, code, clause, &words.en, told).await;
        if let Err(RegistryError::Denied(denial)) = &mut answer {
            (denial.law_text, denial.law_needs) = (Some(words.clone()), needs);
        }
        answer
    }
}

/// Writes a file so that it is there whole, and stays there after a power cut, or isn't there at all. What a crash leaves
/// behind is the `unfinished` file, which nobody takes for another one.
pub(crate) fn write_durably(unfinished: &Path, path: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // Keys and prints are nobody else's to read.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(unfinished)?;
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    File::open(folder)?.sync_all()
}
