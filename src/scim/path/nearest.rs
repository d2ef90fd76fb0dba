//! Finds the name that a client probably meant.

/// Longer names are not looked up: the work grows with the product of both lengths.
const LONGEST: usize = 100;

/// The detail for a name that `holder` does not have: what was written (`text`), and the nearest of the
/// candidates, each given as the name to compare and the notation to show.
pub(super) fn unknown(
    text: &str,
    name: &str,
    holder: &str,
    candidates: impl Iterator<Item = (String, String)>,
) -> String {
    let shown: String = text.chars().take(LONGEST).collect();
    match nearest(name, candidates) {
        Some(nearest) => {
            format!("{holder} has no attribute \"{shown}\"; did you mean \"{nearest}\"?")
        }
        None => format!("{holder} has no attribute \"{shown}\"; /Schemas lists the attributes."),
    }
}

fn nearest(name: &str, candidates: impl Iterator<Item = (String, String)>) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let wanted = name.to_ascii_lowercase();
    candidates
        .map(|(known, shown)| (distance(&wanted, &known.to_ascii_lowercase()), known, shown))
        .filter(|(distance, known, _)| *distance <= (known.len() / 3).max(1))
        .min_by_key(|(distance, ..)| *distance)
        .map(|(_, _, shown)| shown)
}

/// Levenshtein's distance: insertions, deletions and replacements between two texts.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = *cell;
            left = replaced.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().filter(|_| !a.is_empty()).unwrap_or(b.len())
}
