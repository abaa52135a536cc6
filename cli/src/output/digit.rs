//! Grey images in a terminal.

/// Characters from dark to bright.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// Draws a grey image, two rows of pixels per line of text: half blocks where a pixel is bright
/// and its neighbour below is not, shades elsewhere. Dark lines above and below are left out.
pub fn draw_digit(pixels: &[u8], width: usize) -> String {
    let rows: Vec<&[u8]> = pixels.chunks(width.max(1)).collect();
    let mut text = String::new();
    for pair in rows.chunks(2) {
        let below = pair.get(1);
        for (column, top) in pair[0].iter().enumerate() {
            let bottom = below.and_then(|row| row.get(column)).copied().unwrap_or(0);
            text.push(cell(*top, bottom));
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    let text = text.trim_end_matches('\n').trim_start_matches('\n');
    if text.is_empty() {
        String::new()
    } else {
        format!("{text}\n")
    }
}

fn cell(top: u8, bottom: u8) -> char {
    let bright = |pixel: u8| pixel >= 128;
    match (bright(top), bright(bottom)) {
        (true, false) if bottom < 64 => '▀',
        (false, true) if top < 64 => '▄',
        _ => {
            let mean = (usize::from(top) + usize::from(bottom)) / 2;
            SHADES[(mean * SHADES.len() / 256).min(SHADES.len() - 1)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rows_share_a_line() {
        assert_eq!(draw_digit(&[0, 255, 255, 0, 0, 255, 0, 255], 4), " █▀▄\n");
        assert_eq!(draw_digit(&[0, 0, 0, 0, 255, 0, 0], 2), "▀\n");
        assert_eq!(draw_digit(&[], 28), "");
    }
}
