//! Which requests are accepted.

use super::state::Inner;
use crate::clock::unix_now;
use crate::queue::Submitted;
use crate::{Budget, Error, IdentityKey, SealedRequest, TensorVisibility};

impl Inner {
    /// Accepts a request, or says why not.
    pub(super) async fn admit(&self, body: &[u8]) -> Result<(SealedRequest, Submitted), Error> {
        let request = SealedRequest::from_json(body)?;
        request.check_signature()?;
        let budget = self.budget(&request)?;
        self.check(&request)?;
        let submitted = self
            .queue
            .submit(&request, self.options.max_open, budget.as_ref())
            .await?;
        Ok((request, submitted))
    }

    /// Whose request it is and what that requester may ask, if only known ones may.
    fn budget(&self, request: &SealedRequest) -> Result<Option<(IdentityKey, Budget)>, Error> {
        let known = self.options.requesters.as_ref();
        known
            .map(|all| all.budget(request.header.identity.as_ref()))
            .transpose()
    }

    /// Refuses what no worker could answer. What the input is like is none of this: that is
    /// answered under seal.
    fn check(&self, request: &SealedRequest) -> Result<(), Error> {
        let header = &request.header;
        let model = self.models.get(&header.model)?;
        let now = unix_now();
        header.check_alive(now)?;
        let limit = now.saturating_add(self.options.max_lifetime.as_secs());
        if header.expiry > limit {
            return Err(Error::ExpiryTooFar {
                expiry: header.expiry,
                limit,
            });
        }
        let (expected, found) = (model.ciphertext_len, request.ciphertext().len());
        if expected != found {
            return Err(Error::malformed(
                "request",
                format!("expected {expected} sealed bytes, as this model's inputs take, found {found}"),
            ));
        }
        let open = request.open(&self.secret)?;
        open.check_reply_key()?;
        let body = model.manifest.body();
        let (expected, found) = match body.visibility.inputs {
            TensorVisibility::Hashed => (body.inputs.len(), open.salts.len()),
            _ => (0, open.salts.len()),
        };
        if expected != found {
            return Err(Error::malformed(
                "request",
                format!("expected {expected} salts, one for each hashed input, found {found}"),
            ));
        }
        Ok(())
    }
}
