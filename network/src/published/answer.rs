//! A user's check: the answer is to their request, about their input.

use super::{PublishedModel, Validated};
use crate::{Answer, Error, PendingRequest, TensorVisibility};
use zkml::commitments::{Opening, Salt, TensorForm, commit};
use zkml::{Claim, Role, TensorValue};

/// An answer that was checked.
#[derive(Clone, Debug)]
pub struct CheckedAnswer {
    /// The outputs.
    pub outputs: Vec<TensorValue>,
    /// What the proof says to everyone, and which request it answers.
    pub public: Validated,
    /// What opens the commitments of the proof: to be shown to those who are to know the values.
    pub openings: Vec<Opening>,
}

/// Tensors of one kind as a user has them, and as the manifest describes them.
struct Owned<'a> {
    role: Role,
    visibility: TensorVisibility,
    schemas: Vec<(&'a str, TensorForm)>,
    values: &'a [Vec<i64>],
    salts: &'a [Salt],
}

impl PublishedModel {
    /// Checks an answer to a request: all that a validator checks, and that it is this request's, about
    /// this input, with these outputs.
    ///
    /// # Errors
    /// Those of [`PublishedModel::validate`]; [`Error::WrongBinding`] for the answer to another
    /// request; [`Error::WrongInput`] and [`Error::WrongOutput`] for a proof about other values.
    pub fn check_answer(
        &self,
        request: &PendingRequest,
        answer: &Answer,
        now: u64,
    ) -> Result<CheckedAnswer, Error> {
        let public = self.validate(&answer.proof, now)?;
        public.binding.expect(&request.binding())?;
        let body = self.manifest.body();
        let inputs = Owned {
            role: Role::Input,
            visibility: body.visibility.inputs,
            schemas: body.inputs.iter().map(|i| (i.name.as_str(), i.form())).collect(),
            values: request.inputs(),
            salts: request.salts(),
        };
        let mut openings = inputs.check(&public.claim, |name| Error::WrongInput { name })?;
        let outputs = match body.visibility.outputs {
            TensorVisibility::Public => tensors(&public.claim, Role::Output).cloned().collect(),
            _ => {
                let owned = Owned {
                    role: Role::Output,
                    visibility: body.visibility.outputs,
                    schemas: body.outputs.iter().map(|o| (o.name.as_str(), o.form())).collect(),
                    values: &answer.outputs,
                    salts: &answer.output_salts,
                };
                openings.extend(owned.check(&public.claim, |name| Error::WrongOutput { name })?);
                let schemas = body.outputs.iter().zip(&answer.outputs);
                schemas
                    .map(|(output, integers)| TensorValue::new(&output.info(), integers.clone()))
                    .collect()
            }
        };
        Ok(CheckedAnswer {
            outputs,
            public,
            openings,
        })
    }
}

impl Owned<'_> {
    /// Checks that a proof is about these values, and returns what opens its commitments to them.
    fn check(&self, claim: &Claim, wrong: impl Fn(String) -> Error) -> Result<Vec<Opening>, Error> {
        let count = self.schemas.len();
        let first = || wrong(self.schemas.first().map_or("(none)", |s| s.0).to_owned());
        if self.values.len() != count {
            return Err(first());
        }
        match self.visibility {
            TensorVisibility::Public => {
                let shown: Vec<&TensorValue> = tensors(claim, self.role).collect();
                if shown.len() != count {
                    return Err(first());
                }
                let pairs = shown.iter().zip(self.values).zip(&self.schemas);
                for ((shown, values), (name, _)) in pairs {
                    if shown.integers != **values {
                        return Err(wrong((*name).to_owned()));
                    }
                }
                Ok(Vec::new())
            }
            TensorVisibility::Hashed => {
                let commitments = claim.commitments.iter().filter(|c| c.tensor.role == self.role);
                let commitments: Vec<_> = commitments.collect();
                if commitments.len() != count || self.salts.len() != count {
                    return Err(first());
                }
                let mut openings = Vec::with_capacity(count);
                for (i, (name, form)) in self.schemas.iter().enumerate() {
                    let own = commit(&[(form.clone(), &self.values[i])], &self.salts[i])
                        .map_err(|_| wrong((*name).to_owned()))?;
                    if own != commitments[i].value {
                        return Err(wrong((*name).to_owned()));
                    }
                    openings.push(Opening {
                        tensor: commitments[i].tensor.clone(),
                        commitment: own,
                        salt: self.salts[i].clone(),
                    });
                }
                Ok(openings)
            }
            // Such a manifest is not accepted.
            TensorVisibility::Private => Err(first()),
        }
    }
}

fn tensors(claim: &Claim, role: Role) -> impl Iterator<Item = &TensorValue> {
    claim.tensors.iter().filter(move |tensor| tensor.role == role)
}
