//! What a proof is made of besides its inputs.

use crate::commitments::{HashedTensor, Salt};
use crate::compiled::CompiledModel;
use crate::{Element, Error, Progress, Role};

/// What a proof is made of besides the inputs, and who hears how far it is.
#[derive(Clone, Debug, Default)]
pub struct ProveOptions {
    pub(super) context: Vec<Element>,
    pub(super) progress: Progress,
    salts: Vec<((Role, String), Salt)>,
}

impl ProveOptions {
    /// The values that the proof is bound to and that its circuit says nothing about; as many as the model
    /// was compiled for.
    #[must_use]
    pub fn context(mut self, values: Vec<Element>) -> Self {
        self.context = values;
        self
    }

    /// The salt of a hashed input or output, or with an empty name of the parameters. Without one a fresh
    /// salt is drawn. Two commitments with the same salt tell whether they are to the same values.
    #[must_use]
    pub fn salt(mut self, role: Role, name: impl Into<String>, salt: Salt) -> Self {
        self.salts.push(((role, name.into()), salt));
        self
    }

    /// Where the proof reports its stages, and what cancels it.
    #[must_use]
    pub fn progress(mut self, progress: &Progress) -> Self {
        self.progress = progress.clone();
        self
    }

    /// The salt of each commitment: the caller's, or a fresh one.
    pub(super) fn salts(&self, model: &CompiledModel) -> Result<Vec<Salt>, Error> {
        let hashed = model.hashed_tensors();
        let is = |t: &HashedTensor, (role, name): &(Role, String)| t.role == *role && t.name == *name;
        let unknown = |(key, _): &&((Role, String), Salt)| !hashed.iter().any(|t| is(t, key));
        if let Some((unknown, _)) = self.salts.iter().find(unknown) {
            let all: Vec<String> = hashed
                .iter()
                .map(|t| format!("{:?} {}", t.role, t.name))
                .collect();
            return Err(Error::UnknownSalt {
                expected: match all.is_empty() {
                    true => "none".to_owned(),
                    false => all.join(", "),
                },
                found: format!("{:?} {}", unknown.0, unknown.1),
            });
        }
        let given = |t: &HashedTensor| self.salts.iter().rev().find(|(key, _)| is(t, key));
        Ok(hashed
            .iter()
            .map(|t| given(t).map_or_else(Salt::random, |(_, salt)| salt.clone()))
            .collect())
    }
}
