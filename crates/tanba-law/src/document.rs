//! Identity documents, and the events that bring a person before the law.

/// Declares an enum with stable snake_case names, the list of all, and reading from a name.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// All of them, in a fixed order.
            pub const ALL: &[$name] = &[$($name::$variant,)+];

            /// The stable name in files, interfaces and the database.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }

            /// The one with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(crate) use named;

named! {
    /// What kind of identity document (Law of Kazakhstan No. 73-V, and those named elsewhere in its practice).
    DocumentType {
        /// Identity card of a citizen.
        IdentityCard = "identity_card",
        /// Passport of a citizen.
        Passport = "passport",
        /// Diplomatic passport.
        DiplomaticPassport = "diplomatic_passport",
        /// Service passport.
        ServicePassport = "service_passport",
        /// Residence permit of a foreigner who lives here permanently.
        ResidencePermit = "residence_permit",
        /// Permit to stay for a limited time.
        TemporaryResidence = "temporary_residence",
        /// Certificate of a stateless person.
        StatelessCertificate = "stateless_certificate",
        /// Visa.
        Visa = "visa",
        /// Identity document of a seafarer.
        SeafarerDocument = "seafarer_document",
        /// Permit of a migrant domestic worker.
        DomesticWorkerPermit = "domestic_worker_permit",
        /// Certificate of a person who asks for asylum.
        AsylumCertificate = "asylum_certificate",
        /// Certificate of a refugee.
        RefugeeDocument = "refugee_document",
        /// Travel document of a refugee.
        RefugeeTravelDocument = "refugee_travel_document",
        /// Travel document of others who cannot get a passport.
        TravelDocument = "travel_document",
        /// Certificate for the journey home.
        ReturnCertificate = "return_certificate",
    }
}

impl DocumentType {
    /// The event by which an application for this document comes before the law.
    pub fn trigger(self) -> Trigger {
        match self {
            DocumentType::IdentityCard => Trigger::IdentityCard,
            DocumentType::Passport => Trigger::Passport,
            DocumentType::DiplomaticPassport => Trigger::DiplomaticPassport,
            DocumentType::ServicePassport => Trigger::ServicePassport,
            DocumentType::ResidencePermit => Trigger::ResidencePermit,
            DocumentType::TemporaryResidence => Trigger::TemporaryResidence,
            DocumentType::StatelessCertificate => Trigger::StatelessCertificate,
            DocumentType::Visa => Trigger::Visa,
            DocumentType::SeafarerDocument => Trigger::SeafarerDocument,
            DocumentType::DomesticWorkerPermit => Trigger::DomesticWorkerPermit,
            DocumentType::AsylumCertificate => Trigger::AsylumCertificate,
            DocumentType::RefugeeDocument => Trigger::RefugeeDocument,
            DocumentType::RefugeeTravelDocument => Trigger::RefugeeTravelDocument,
            DocumentType::TravelDocument => Trigger::TravelDocument,
            DocumentType::ReturnCertificate => Trigger::ReturnCertificate,
        }
    }
}

named! {
    /// The event that raises the question whether a person is to be registered. The engine's vocabulary: which of them
    /// matters, and for whom, a pack says.
    Trigger {
        /// Applies for an identity card.
        IdentityCard = "identity_card",
        /// Applies for a passport.
        Passport = "passport",
        /// Applies for a diplomatic passport.
        DiplomaticPassport = "diplomatic_passport",
        /// Applies for a service passport.
        ServicePassport = "service_passport",
        /// Applies for a residence permit.
        ResidencePermit = "residence_permit",
        /// Applies for temporary residence.
        TemporaryResidence = "temporary_residence",
        /// Applies for a stateless person's certificate.
        StatelessCertificate = "stateless_certificate",
        /// Applies for a visa.
        Visa = "visa",
        /// Applies for a seafarer's document.
        SeafarerDocument = "seafarer_document",
        /// Applies for a domestic worker's permit.
        DomesticWorkerPermit = "domestic_worker_permit",
        /// Asks for asylum and receives the certificate.
        AsylumCertificate = "asylum_certificate",
        /// Receives a refugee's certificate.
        RefugeeDocument = "refugee_document",
        /// Applies for a refugee's travel document.
        RefugeeTravelDocument = "refugee_travel_document",
        /// Applies for another travel document.
        TravelDocument = "travel_document",
        /// Applies for a certificate of return.
        ReturnCertificate = "return_certificate",
        /// Asks to be registered, without a document.
        OwnRequest = "own_request",
        /// Is to be expelled.
        Expulsion = "expulsion",
        /// Is handed over under a readmission agreement.
        Readmission = "readmission",
        /// Enters at the border.
        BorderEntry = "border_entry",
        /// Leaves at the border.
        BorderExit = "border_exit",
        /// Was convicted of an offence.
        Conviction = "conviction",
        /// Was arrested.
        Arrest = "arrest",
        /// Material of a person not known was seized in an investigation.
        UnidentifiedMaterial = "unidentified_material",
        /// A body nobody has identified.
        UnidentifiedBody = "unidentified_body",
        /// A relative of the person is missing.
        MissingRelative = "missing_relative",
        /// Was refused entry at the border.
        BorderRefusal = "border_refusal",
        /// Crossed an external border irregularly.
        IrregularCrossing = "irregular_crossing",
        /// Is found staying in the country illegally.
        IllegalStay = "illegal_stay",
        /// Is admitted for resettlement.
        Resettlement = "resettlement",
        /// Wants a benefit or service of the state that asks for registration.
        SocialBenefit = "social_benefit",
        /// Comes to renew what was taken as a child.
        BiometricUpdate = "biometric_update",
        /// Is suspected of an offence.
        Suspicion = "suspicion",
        /// Serious or concordant indications stand against the person.
        SeriousIndications = "serious_indications",
        /// Is charged with an offence.
        Charge = "charge",
        /// Did the act and was declared not criminally responsible.
        NotResponsible = "not_responsible",
        /// Is detained to prevent an offence.
        PreventiveDetention = "preventive_detention",
        /// Is ordered to give security for good behaviour.
        SecurityBond = "security_bond",
        /// Serves a prison sentence.
        Imprisonment = "imprisonment",
        /// A court has imposed administrative arrest.
        AdministrativeArrest = "administrative_arrest",
        /// Committed an administrative offence, and who they are cannot be set otherwise.
        IdentityUnknown = "identity_unknown",
        /// Is called up or liable to military service.
        MilitaryService = "military_service",
        /// Serves in a body whose staff is registered.
        PublicService = "public_service",
        /// Applies for a licence or post that asks for registration.
        Licence = "licence",
        /// A court or magistrate has ordered it.
        CourtOrder = "court_order",
        /// Is on the list of those who may not enter.
        EntryBan = "entry_ban",
        /// A security body has decided so in the interest of national security.
        SecurityDecision = "security_decision",
        /// Gives a sample to be excluded as the source of a trace.
        EliminationSample = "elimination_sample",
    }
}
