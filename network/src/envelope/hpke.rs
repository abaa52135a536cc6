//! The one suite of HPKE that the protocol uses.

use crate::keys::{SealingSecret, Suite, public_key};
use crate::{Error, SealingKey};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal};
use zeroize::Zeroizing;

/// Bytes that sealing adds: the tag of ChaCha20-Poly1305 (RFC 8439).
pub(super) const TAG: usize = 16;

/// Ciphertext and the key that its receiver needs for opening it.
pub(super) struct Sealed {
    pub(super) encapsulated_key: SealingKey,
    pub(super) ciphertext: Vec<u8>,
}

/// Where a message belongs: bytes that both sides know and that are bound to it.
pub(super) struct Context<'a> {
    /// Which message of the protocol.
    pub(super) info: &'a [u8],
    /// What it is about.
    pub(super) associated_data: &'a [u8],
}

/// Seals to a key; `sender` authenticates it.
pub(super) fn seal(
    what: &'static str,
    to: &SealingKey,
    sender: Option<&SealingSecret>,
    context: &Context<'_>,
    plaintext: &[u8],
) -> Result<Sealed, Error> {
    let mode: OpModeS<'_, Suite> = match sender {
        None => OpModeS::Base,
        Some(secret) => OpModeS::Auth((secret.hpke().clone(), public_key(&secret.public())?)),
    };
    let (encapsulated, ciphertext) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &mode,
        &public_key(to)?,
        context.info,
        plaintext,
        context.associated_data,
    )
    .map_err(|error| {
        Error::malformed(
            what,
            format!("expected a key that can be sealed to, found another ({error})"),
        )
    })?;
    let encapsulated_key: [u8; 32] = encapsulated.to_bytes().into();
    Ok(Sealed {
        encapsulated_key: encapsulated_key.into(),
        ciphertext,
    })
}

/// Opens what was sealed; `sender` is the key that must have sealed it.
pub(super) fn open(
    what: &'static str,
    secret: &SealingSecret,
    sender: Option<&SealingKey>,
    context: &Context<'_>,
    encapsulated_key: &SealingKey,
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    // HPKE's errors would tell a wrong key from changed data; the sender need not know.
    let refused = |_| Error::Sealed { what };
    let mode: OpModeR<'_, Suite> = match sender {
        None => OpModeR::Base,
        Some(key) => OpModeR::Auth(public_key(key)?),
    };
    let encapsulated =
        <Suite as Kem>::EncappedKey::from_bytes(encapsulated_key.as_bytes()).map_err(refused)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
        &mode,
        secret.hpke(),
        &encapsulated,
        context.info,
        ciphertext,
        context.associated_data,
    )
    .map(Zeroizing::new)
    .map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    /// RFC 9180, appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base
    /// mode, sequence number 0.
    #[test]
    fn the_suite_is_that_of_the_rfc() {
        let secret = SealingSecret::from_bytes(&bytes(
            "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
        ))
        .unwrap();
        assert_eq!(
            secret.public().to_string(),
            "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"
        );
        let context = Context {
            info: &hex::decode("4f6465206f6e2061204772656369616e2055726e").unwrap(),
            associated_data: b"Count-0",
        };
        let encapsulated = SealingKey::from(bytes(
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
        ));
        let ciphertext = hex::decode(
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        )
        .unwrap();
        let plaintext = open("test", &secret, None, &context, &encapsulated, &ciphertext).unwrap();
        assert_eq!(&plaintext[..], b"Beauty is truth, truth beauty");
    }

    #[test]
    fn messages_open_where_they_belong_only() {
        let [receiver, sender, other] = [(); 3].map(|()| SealingSecret::generate().unwrap());
        let context = |info, associated_data| Context {
            info,
            associated_data,
        };
        let good = context(b"i", b"a");
        let sealed = seal("test", &receiver.public(), Some(&sender), &good, b"text").unwrap();
        let open = |secret: &SealingSecret, from: Option<&SealingSecret>, context: &Context<'_>| {
            open(
                "test",
                secret,
                from.map(|s| s.public()).as_ref(),
                context,
                &sealed.encapsulated_key,
                &sealed.ciphertext,
            )
        };
        assert_eq!(&open(&receiver, Some(&sender), &good).unwrap()[..], b"text");
        let refused = [
            open(&other, Some(&sender), &good),
            open(&receiver, Some(&other), &good),
            open(&receiver, None, &good),
            open(&receiver, Some(&sender), &context(b"j", b"a")),
            open(&receiver, Some(&sender), &context(b"i", b"b")),
        ];
        for result in refused {
            assert!(matches!(result, Err(Error::Sealed { .. })));
        }
    }

    #[test]
    fn keys_of_small_order_are_refused() {
        let zero = SealingKey::from([0; 32]);
        let context = Context {
            info: b"",
            associated_data: b"",
        };
        assert!(seal("test", &zero, None, &context, b"text").is_err());
    }
}
