//! The tree of a file as a page shows it: nodes that open and close, in the order in which they are written.

use tanba_formats::Outline;

/// Nodes shown; a table of many thousand genotypes is read elsewhere.
const NODES: usize = 3000;
/// Nodes up to which everything is shown opened.
const ALL_OPEN: usize = 80;
/// Nothing nests deeper; what would is not shown.
const DEEPEST: usize = 40;

/// A tree, written out.
pub(super) struct Tree {
    /// Beginnings, leaves and ends.
    pub(super) branches: Vec<Branch>,
    /// Nodes that are not shown.
    pub(super) left_out: usize,
}

/// A step of writing the tree.
pub(super) enum Branch {
    /// A node with children, which come next.
    Begin { node: Node, open: bool },
    /// A node without any.
    Leaf(Node),
    /// The end of a node's children.
    End,
}

/// A node.
pub(super) struct Node {
    pub(super) label: String,
    pub(super) value: Option<String>,
    pub(super) offset: Option<usize>,
}

impl Tree {
    pub(super) fn of(outline: &Outline) -> Self {
        let all = count(outline, 0);
        let mut tree = Self { branches: Vec::new(), left_out: 0 };
        let mut room = NODES;
        tree.add(outline, 0, all <= ALL_OPEN, &mut room);
        tree.left_out = all.saturating_sub(NODES - room);
        tree
    }

    fn add(&mut self, outline: &Outline, depth: usize, all_open: bool, room: &mut usize) {
        let Some(left) = room.checked_sub(1) else { return };
        *room = left;
        let node = Node { label: outline.label.clone(), value: outline.value.clone(), offset: outline.offset };
        if outline.children.is_empty() || depth == DEEPEST {
            self.branches.push(Branch::Leaf(node));
            return;
        }
        self.branches.push(Branch::Begin { node, open: all_open || depth == 0 });
        for child in &outline.children {
            self.add(child, depth + 1, all_open, room);
        }
        self.branches.push(Branch::End);
    }
}

fn count(outline: &Outline, depth: usize) -> usize {
    let deeper = |child| if depth < DEEPEST { count(child, depth + 1) } else { 0 };
    1 + outline.children.iter().map(deeper).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_ends_and_what_is_too_much_is_counted() {
        let leaf = |k: usize| Outline::leaf("n", k);
        let tree = Tree::of(&Outline::of("root").with(Outline::of("branch").with(leaf(1))).with(leaf(2)));
        let drawn: String = tree
            .branches
            .iter()
            .map(|branch| match branch {
                Branch::Begin { open: true, .. } => '(',
                Branch::Begin { .. } => '[',
                Branch::Leaf(_) => '.',
                Branch::End => ')',
            })
            .collect();
        assert_eq!((drawn.as_str(), tree.left_out), ("((.).)", 0));

        let large = Tree::of(&Outline::of("root").with_all((0..NODES + 9).map(leaf)));
        assert_eq!((large.branches.len(), large.left_out), (NODES + 1, 10));
        assert!(matches!(large.branches[0], Branch::Begin { open: true, .. }));
    }

    #[test]
    fn a_hostile_depth_is_cut() {
        let deep = (0..10_000).fold(Outline::of("leaf"), |inner, _| Outline::of("n").with(inner));
        let tree = Tree::of(&deep);
        assert_eq!(tree.branches.iter().filter(|b| matches!(b, Branch::Begin { .. })).count(), DEEPEST);
        // Its own drop nests as deep; the readers never make such a tree.
        std::mem::forget(deep);
    }
}
