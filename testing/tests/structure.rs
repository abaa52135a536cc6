//! The structure of the sources: no file of one crate is a module of another, and no files of different modules import each
//! other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use syn::visit::Visit;

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// The folders of crates: the root's and those with a `Cargo.toml` beside it.
fn crates() -> Vec<PathBuf> {
    let entries = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let members = entries.filter(|path| path.join("Cargo.toml").is_file());
    members.chain([root()]).collect()
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return vec![];
    };
    let mut files = vec![];
    for path in entries.map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => files.extend(sources(&path)),
            false if path.extension().is_some_and(|e| e == "rs") => files.push(path),
            false => {}
        }
    }
    files
}

/// A path without `..`, which need not be there.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = out.pop(),
            part => out.push(part),
        }
    }
    out
}

#[test]
fn no_file_is_a_module_of_another_crate() {
    let mut found = 0;
    for krate in crates() {
        for folder in ["src", "tests", "benches", "examples"] {
            let folder = krate.join(folder);
            for file in sources(&folder) {
                let text = fs::read_to_string(&file).unwrap();
                for line in text.lines() {
                    let Some(target) = line.trim().strip_prefix("#[path = \"") else {
                        continue;
                    };
                    let target = target.split('"').next().unwrap();
                    let target = normal(&file.parent().unwrap().join(target));
                    let own = ["src", "tests", "benches", "examples"].map(|folder| krate.join(folder));
                    let inside = own.iter().any(|folder| target.starts_with(folder));
                    assert!(
                        inside,
                        "{}: expected a module of the same crate, found {}; put what crates share into zkml-testing",
                        file.display(),
                        target.display()
                    );
                    found += 1;
                }
            }
        }
    }
    // There are some within crates: the search finds what it looks for.
    assert!(found > 0);
}

/// A module, by its path in the crate.
type Module = Vec<String>;

/// What a file says: its modules, the names that it passes on, and what it uses.
#[derive(Default)]
struct Imports {
    uses: Vec<Module>,
    reexports: BTreeMap<String, Module>,
}

/// Collects uses, but for those of tests.
struct Collector<'a> {
    module: &'a [String],
    imports: Imports,
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string().contains("test"),
        _ => false,
    })
}

impl Collector<'_> {
    /// The path from the crate's root; none for other crates.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let mut base = self.module.to_vec();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => base.clear(),
            "self" => {}
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
                base.extend(rest.iter().cloned());
                return Some(base);
            }
            _ => return None,
        }
        base.extend(rest[1..].iter().cloned());
        Some(base)
    }

    fn tree(&mut self, tree: &syn::UseTree, prefix: &[String], public: bool) {
        let join = |part: String| [prefix, &[part]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &join(path.ident.to_string()), public),
            syn::UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|item| self.tree(item, prefix, public)),
            syn::UseTree::Glob(_) => self.add(prefix, None, public),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.add(prefix, prefix.last().cloned(), public)
            }
            syn::UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.add(&join(name.clone()), Some(name), public);
            }
            syn::UseTree::Rename(rename) => {
                self.add(
                    &join(rename.ident.to_string()),
                    Some(rename.rename.to_string()),
                    public,
                );
            }
        }
    }

    fn add(&mut self, path: &[String], name: Option<String>, public: bool) {
        // A use of a submodule's item has no prefix.
        let own = [&["self".to_owned()], path].concat();
        let target = self.absolute(path).or_else(|| self.absolute(&own));
        let Some(target) = target else { return };
        if public && let Some(name) = name {
            self.imports.reexports.insert(name, target.clone());
        }
        self.imports.uses.push(target);
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            let public = !matches!(item.vis, syn::Visibility::Inherited);
            self.tree(&item.tree, &[], public);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if ["crate", "super"].contains(&parts[0].as_str())
            && let Some(target) = self.absolute(&parts)
        {
            self.imports.uses.push(target);
        }
        syn::visit::visit_path(self, path);
    }
}

/// The files of a crate by their modules. Modules that only tests have are left out.
fn modules(source: &Path) -> BTreeMap<Module, Imports> {
    let mut pending = vec![(vec![], source.join("lib.rs"))];
    if !pending[0].1.is_file() {
        pending = vec![(vec![], source.join("main.rs"))];
    }
    let mut modules = BTreeMap::new();
    while let Some((module, file)) = pending.pop() {
        let parsed = syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
        let folder = match file.file_stem().unwrap().to_str().unwrap() {
            "lib" | "main" | "mod" => file.parent().unwrap().to_owned(),
            stem => file.parent().unwrap().join(stem),
        };
        for item in &parsed.items {
            if let syn::Item::Mod(item) = item
                && item.content.is_none()
                && !is_test(&item.attrs)
            {
                let name = item.ident.to_string();
                let files = [
                    folder.join(format!("{name}.rs")),
                    folder.join(&name).join("mod.rs"),
                ];
                if let Some(file) = files.into_iter().find(|file| file.is_file()) {
                    pending.push(([&module[..], &[name]].concat(), file));
                }
            }
        }
        let mut collector = Collector {
            module: &module,
            imports: Imports::default(),
        };
        collector.visit_file(&parsed);
        let imports = collector.imports;
        modules.insert(module, imports);
    }
    modules
}

/// The module whose file has what a path names, through what others pass on.
fn home(modules: &BTreeMap<Module, Imports>, path: &[String], depth: usize) -> Option<Module> {
    let module = (0..=path.len()).rev().map(|len| &path[..len]);
    let module = module.into_iter().find(|prefix| modules.contains_key(*prefix))?;
    let passed_on = path
        .get(module.len())
        .and_then(|name| modules[module].reexports.get(name));
    match passed_on {
        Some(target) if depth > 0 => home(modules, target, depth - 1),
        _ => Some(module.to_vec()),
    }
}

/// Modules that a module imports, directly or not, leaving out those that contain it and those within it.
fn imports(modules: &BTreeMap<Module, Imports>) -> BTreeMap<Module, BTreeSet<Module>> {
    let of = |(module, imports): (&Module, &Imports)| {
        let homes = imports.uses.iter().filter_map(|path| home(modules, path, 8));
        let apart = homes.filter(|other| !other.starts_with(module) && !module.starts_with(other));
        (module.clone(), apart.collect())
    };
    modules.iter().map(of).collect()
}

/// A way from a module back to itself.
fn circle(graph: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> Option<Vec<Module>> {
    let mut from: BTreeMap<&Module, &Module> = BTreeMap::new();
    let mut pending = vec![start];
    while let Some(module) = pending.pop() {
        for next in &graph[module] {
            if next == start {
                let mut way = vec![start.clone()];
                let mut at = module;
                while at != start {
                    way.push(at.clone());
                    at = from[at];
                }
                way.reverse();
                return Some(way);
            }
            if !from.contains_key(next) {
                from.insert(next, module);
                pending.push(next);
            }
        }
    }
    None
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let (mut files, mut circles) = (0, BTreeSet::new());
    for krate in crates() {
        let source = krate.join("src");
        if !source.is_dir() {
            continue;
        }
        let modules = modules(&source);
        files += modules.len();
        let graph = imports(&modules);
        for module in modules.keys() {
            if let Some(way) = circle(&graph, module) {
                let mut names: Vec<String> = way.iter().map(|module| module.join("::")).collect();
                names.sort();
                let name = krate.strip_prefix(root()).unwrap().display().to_string();
                circles.insert(format!("{name}/src: {}", names.join(", ")));
            }
        }
    }
    assert!(
        files > 500,
        "expected the sources of all crates, found {files} files"
    );
    assert!(
        circles.is_empty(),
        "expected no circles of imports, found these; move what both sides need into a file of its own:\n{}",
        circles.into_iter().collect::<Vec<_>>().join("\n")
    );
}
