//! The rules that refuse, by name, so that a test can take one away and see an attack come through.

/// A rule that refuses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Guard {
    /// The ByteRange starts at 0 and leaves out `/Contents` alone.
    RangeShape,
    /// The ByteRange ends where a revision ends.
    RangeEnd,
    /// Between the two parts of the ByteRange stand hexadecimal digits alone.
    RangeDigits,
    /// The signature dictionary stands in the revision that it covers.
    OwnRevision,
    /// No two fields show the same signature.
    SharedSignature,
    /// The cross-references of the whole file are sound.
    SoundReferences,
    /// No dictionary has a key twice, with another value each time.
    KeyTwice,
    /// Nothing follows the last revision.
    NothingBehind,
    /// The trailer leads to the same catalog.
    Trailer,
    /// Of the catalog, only what may grow differs.
    Catalog,
    /// The title and author stay.
    Title,
    /// Validation data is of the standard's form, and made of new objects.
    ValidationData,
    /// The form keeps its fields and settings.
    Form,
    /// A new field is a signature field.
    NewField,
    /// A new field has a name of its own.
    FieldName,
    /// A new signature is a dictionary of its own that leads nowhere.
    NewSignature,
    /// A shown signature is not put onto a certified document.
    OverCertified,
    /// A shown signature is not put over something else.
    Overlap,
    /// What the certification forbids.
    DocMdp,
    /// What a signature locks.
    FieldLock,
    /// A field is changed by filling it alone.
    Filling,
    /// A field shows its value.
    Appearance,
    /// Annotations come only where they may, and hide nothing.
    Annotation,
    /// Nothing is left that no rule explains.
    NothingLeft,
    /// Nothing is added that the signed revision mentions already.
    Awaited,
    /// The signed bytes have the digest that was signed.
    Digest,
    /// One signer alone signs.
    SingleSigner,
    /// The signature is of a form that is judged.
    SubFilter,
}

impl Guard {
    /// All of them.
    #[cfg(feature = "testing")]
    pub const ALL: [Self; 28] = [
        Self::RangeShape,
        Self::RangeEnd,
        Self::RangeDigits,
        Self::OwnRevision,
        Self::SharedSignature,
        Self::SoundReferences,
        Self::KeyTwice,
        Self::NothingBehind,
        Self::Trailer,
        Self::Catalog,
        Self::Title,
        Self::ValidationData,
        Self::Form,
        Self::NewField,
        Self::FieldName,
        Self::NewSignature,
        Self::OverCertified,
        Self::Overlap,
        Self::DocMdp,
        Self::FieldLock,
        Self::Filling,
        Self::Appearance,
        Self::Annotation,
        Self::NothingLeft,
        Self::Awaited,
        Self::Digest,
        Self::SingleSigner,
        Self::SubFilter,
    ];
}

/// Which guards hold: all of them, in what ships.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    off: u64,
}

impl Guards {
    /// All but these.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn without(guards: &[Guard]) -> Self {
        Self { off: guards.iter().fold(0, |off, guard| off | 1 << *guard as u8) }
    }

    /// Whether this one holds.
    pub(crate) fn hold(self, guard: Guard) -> bool {
        self.off & 1 << guard as u8 == 0
    }
}
