//! The methods of types that have files.

/// `to_bytes`, `from_bytes`, `save` and `load` of a type with the methods `payload` and `parse`; the documentation before
/// the type is that of `from_bytes`. Files for which `secret` holds are written so that only their owner may read them.
macro_rules! artifact_file {
    ($(#[$from_bytes:meta])* $type:ident $(, secret = $secret:expr)?) => {
        impl $type {
            /// The content of the file that [`Self::save`] writes.
            ///
            /// # Errors
            /// None in practice: encoding to memory succeeds.
            pub fn to_bytes(&self) -> Result<Vec<u8>, $crate::Error> {
                let payload = self.payload()?;
                Ok($crate::artifact::seal($crate::artifact::ArtifactKind::$type, &payload))
            }

            $(#[$from_bytes])*
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::Error> {
                Self::parse($crate::artifact::open($crate::artifact::ArtifactKind::$type, bytes)?)
            }

            /// Writes a file, whole or not at all. Where others must not read it, only its owner may.
            ///
            /// # Errors
            /// [`Error::Io`](crate::Error::Io).
            pub fn save(&self, path: &std::path::Path) -> Result<(), $crate::Error> {
                let save = $crate::artifact::artifact_file!(@save self $($secret)?);
                save(path, $crate::artifact::ArtifactKind::$type, &self.payload()?)
            }

            /// Reads a file.
            ///
            /// # Errors
            /// [`Error::Io`](crate::Error::Io), and those of [`Self::from_bytes`].
            pub fn load(path: &std::path::Path) -> Result<Self, $crate::Error> {
                Self::from_bytes(&$crate::artifact::load(path, $crate::artifact::ArtifactKind::$type)?)
            }
        }
    };
    (@save $this:ident) => {
        $crate::artifact::save
    };
    (@save $this:ident $secret:expr) => {
        match $secret($this) {
            true => $crate::artifact::save_secret,
            false => $crate::artifact::save,
        }
    };
}

pub(crate) use artifact_file;
