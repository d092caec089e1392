// The Python classes, one function a file that adds its own to the module; and the dataset they share.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "vetset/base/parquet.h"
#include "vetset/vetset.h"

namespace vetset::python {

namespace nb = nanobind;

/// A dataset that was opened, shared by all that shows a part of it: views, tables, reports. Never changes; what edits
/// one is given a copy, which shares its trees.
struct Held : Source {
  std::shared_ptr<const Tree> files, image_files;  // what `tree` and `images` show
  std::shared_ptr<const SplitReport> placed;       // of the last split: its lock goes with what is written
  std::string inference;                           // of predictions: which model, …; goes with what is written
};
using Shared = std::shared_ptr<const Held>;

/// The trees of a source can be shared from here on.
Held hold(Source source);
/// The same for a copy that was given other trees: of repaired or stripped image files.
Held hold_again(Held edited);
/// All columns are copied, the files are not.
Held copy_of(const Held& source);

/// `_core.Source`: what `vetset.Dataset` holds.
struct Opened {
  Shared source;
};

/// `_core.Scanned`: what a scan measured, shared by its table and by those who search links in it.
struct Scanned {
  Shared source;
  std::shared_ptr<const Scan> scan;
};

/// Rows of what was done or found: edits, findings, differences. The function keeps alive what it looks at.
struct Frame {
  TableRows rows;
};

/// The records of one kind: the dataset that they are of, and how they make a table.
struct Rows {
  Shared source;
  TableRows (*table)(const Dataset&);

  const Dataset& dataset() const { return source->dataset; }
  /// The table, which keeps the dataset alive.
  TableRows rows() const {
    TableRows made = table(dataset());
    return {made.count, [source = source, inner = std::move(made.rows)](std::uint64_t begin, std::uint64_t end) {
              return inner(begin, end);
            }};
  }
};

struct Images : Rows {};
struct Annotations : Rows {};
struct Categories : Rows {};
struct Splits : Rows {};
struct Memberships : Rows {};

/// A column of texts as a sequence of `str` and as Arrow.
struct Texts {
  Shared source;
  std::uint64_t count = 0;
  std::string name;
  std::function<std::string_view(std::uint64_t)> at;
};

void bind_tables(nb::module_& m);       // Texts, and what all column namespaces have
void bind_columns(nb::module_& m);      // images, annotations, categories, splits, memberships
void bind_reports(nb::module_& m);      // check: report and findings
void bind_check(nb::module_& m);        // check itself: its options, settings and baselines
void bind_given_class(nb::module_& m);  // what a model said: predictions, probabilities, embeddings
void bind_handed(nb::module_& m);       // queue, review
void bind_received(nb::module_& m);     // receive, privacy
void bind_doctor(nb::module_& m);       // doctor
void bind_infer(nb::module_& m);        // infer
void bind_edits(nb::module_& m);        // fix, split, transform, combine
void bind_agreement(nb::module_& m);
void bind_diff(nb::module_& m);      // diff, stats
void bind_contract(nb::module_& m);  // contract_init, contract_check
void bind_slices(nb::module_& m);
void bind_scan(nb::module_& m);           // scan: facts of pixels
void bind_links(nb::module_& m);          // near_duplicates: what ties images together
void bind_masks(nb::module_& m);          // run-length masks
void bind_evaluate_core(nb::module_& m);  // COCO evaluation of arrays
void bind_evaluate(nb::module_& m);       // evaluate, and what the replacement of pycocotools stands on
void bind_package(nb::module_& m);        // seal, verify, new_key, pack
void bind_claims(nb::module_& m);         // claims, proofs of single samples, trust policies
void bind_open_package(nb::module_& m);   // packages, sample by sample
void bind_dataset(nb::module_& m);        // open, detect, convert, identities, formats, rules

}  // namespace vetset::python
