//! Where an input lies, as the command line writes it.

use std::path::PathBuf;
use std::str::FromStr;

/// `FILE`, `FILE.npz:ARRAY` or `FILE.npz:ARRAY[INDEX]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The array of an archive.
    pub array: Option<String>,
    /// The sample.
    pub index: Option<usize>,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const SEPARATOR: &str = ".npz:";
        let Some(at) = text.rfind(SEPARATOR) else {
            return Ok(Self {
                path: text.into(),
                array: None,
                index: None,
            });
        };
        let (path, selection) = (&text[..at + SEPARATOR.len() - 1], &text[at + SEPARATOR.len()..]);
        let (array, index) = match selection.strip_suffix(']').and_then(|s| s.split_once('[')) {
            None => (selection, None),
            Some((array, index)) => {
                let index = index.parse().map_err(|_| {
                    format!("expected the number of a sample in brackets, as in images[7], found [{index}]")
                })?;
                (array, Some(index))
            }
        };
        if array.is_empty() {
            return Err("expected the name of an array after .npz:, found nothing".to_owned());
        }
        Ok(Self {
            path: path.into(),
            array: Some(array.to_owned()),
            index,
        })
    }
}

/// What bytes are multiplied by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelScale(pub f32);

impl PixelScale {
    /// Bytes from 0 to 255 become numbers from 0 to 1.
    pub const UNIT: Self = Self(1.0 / 255.0);
}

impl FromStr for PixelScale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<f32>().ok();
        let value = match text.split_once('/') {
            None => number(text),
            Some((above, below)) => number(above).zip(number(below)).map(|(a, b)| a / b),
        };
        value
            .filter(|x| x.is_finite() && *x != 0.0)
            .map(Self)
            .ok_or_else(|| format!("expected a number or a fraction other than 0, as in 1/255, found {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (String, Option<String>, Option<usize>) {
        let source: Source = text.parse().unwrap();
        (source.path.display().to_string(), source.array, source.index)
    }

    #[test]
    fn a_source_names_an_array_and_a_sample() {
        assert_eq!(parse("a/b.json"), ("a/b.json".into(), None, None));
        assert_eq!(parse("C:\\x.npz"), ("C:\\x.npz".into(), None, None));
        assert_eq!(
            parse("C:\\x.npz:im"),
            ("C:\\x.npz".into(), Some("im".into()), None)
        );
        assert_eq!(
            parse("x.npz:im[12]"),
            ("x.npz".into(), Some("im".into()), Some(12))
        );
        assert!("x.npz:".parse::<Source>().is_err());
        assert!("x.npz:[1]".parse::<Source>().is_err());
        assert!("x.npz:im[-1]".parse::<Source>().is_err());
    }

    #[test]
    fn a_scale_is_a_number_or_a_fraction() {
        assert_eq!("1/255".parse(), Ok(PixelScale::UNIT));
        assert_eq!("0.5".parse(), Ok(PixelScale(0.5)));
        for bad in ["", "x", "1/0", "0", "inf", "nan", "1/2/3"] {
            assert!(bad.parse::<PixelScale>().is_err(), "{bad}");
        }
    }
}
