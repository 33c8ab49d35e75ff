//! Where in its file a clause or a key stands, so that a refusal can name the line.

/// Lines of clause ids and of keys, in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines(Vec<(String, usize)>);

impl Lines {
    /// Notes every `code: ...`, every top-level key, and the keys one step below `retention` (as `retention.profile`).
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Vec::new();
        let mut section = "";
        for (line, number) in text.lines().zip(1..) {
            let bare = line.trim_start();
            let indent = line.len() - bare.len();
            let Some((key, value)) = bare.strip_prefix("- ").unwrap_or(bare).trim_start().split_once(':') else {
                continue;
            };
            if key == "code" {
                found.push((
                    value.split('#').next().unwrap_or(value).trim().trim_matches(['"', '\'']).to_owned(),
                    number,
                ));
            } else if indent == 0 && !bare.starts_with(['-', '#']) {
                section = key;
                found.push((key.to_owned(), number));
            } else if indent == 2 && section == "retention" && !bare.starts_with(['-', '#']) {
                found.push((format!("{section}.{key}"), number));
            }
        }
        Self(found)
    }

    /// The first line on which `at` stands.
    pub(crate) fn first(&self, at: &str) -> Option<usize> {
        self.0.iter().find(|(name, _)| name == at).map(|(_, line)| *line)
    }

    /// The last line on which `at` stands: for what stands twice.
    pub(crate) fn last(&self, at: &str) -> Option<usize> {
        self.0.iter().rev().find(|(name, _)| name == at).map(|(_, line)| *line)
    }
}
