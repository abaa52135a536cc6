//! PNG images.

use super::{Array, Data, PixelScale};
use anyhow::{Context, Result, bail, ensure};
use png::{ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;

/// The most pixels of an image.
const MAX_PIXELS: u64 = 1 << 24;

/// Parses an image: channels, rows, columns, with one channel for grey and three for colour.
pub fn read(label: &str, bytes: &[u8]) -> Result<Array> {
    let fail = || format!("{label}: this is no PNG image that can be read");
    let limits = Limits { bytes: 64 << 20 };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().with_context(fail)?;
    let (width, height) = (reader.info().width, reader.info().height);
    ensure!(
        u64::from(width) * u64::from(height) <= MAX_PIXELS,
        "{label}: expected an image of at most {MAX_PIXELS} pixels, found {width} x {height}"
    );
    let size = reader.output_buffer_size().with_context(fail)?;
    let mut buffer = vec![0; size];
    let frame = reader.next_frame(&mut buffer).with_context(fail)?;
    let channels = match frame.color_type {
        ColorType::Grayscale => 1,
        ColorType::Rgb => 3,
        other => bail!(
            "{label}: expected a grey or colour image without transparency, found {other:?}; \
             remove the alpha channel"
        ),
    };
    let pixels = &buffer[..frame.buffer_size()];
    let planes = (0..channels).flat_map(|c| pixels.iter().skip(c).step_by(channels).copied());
    Ok(Array {
        label: label.to_owned(),
        name: None,
        shape: vec![channels, height as usize, width as usize],
        data: Data::Bytes {
            values: planes.collect(),
            usual: Some(PixelScale::UNIT),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(color: ColorType, width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        out
    }

    #[test]
    fn channels_come_first() {
        let array = read("x.png", &image(ColorType::Rgb, 2, 1, &[1, 2, 3, 4, 5, 6])).unwrap();
        assert_eq!(array.shape, [3, 1, 2]);
        assert_eq!(
            array.numbers(0..6, Some(PixelScale(1.0))).unwrap(),
            [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
        );
        let grey = read("x.png", &image(ColorType::Grayscale, 1, 1, &[255])).unwrap();
        assert_eq!(grey.numbers(0..1, None).unwrap(), [1.0]);
        assert!(read("x.png", &image(ColorType::Rgba, 1, 1, &[1, 2, 3, 4])).is_err());
    }

    #[test]
    fn hostile_files_are_errors() {
        let good = image(ColorType::Grayscale, 3, 3, &[9; 9]);
        // The end marker carries nothing.
        for len in 0..good.len() - 16 {
            assert!(read("x.png", &good[..len]).is_err(), "length {len}");
        }
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            // Checksums are there to notice; nothing may panic.
            let _ = read("x.png", &bad);
        }
    }
}
