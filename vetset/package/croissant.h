// Croissant 1.1 with the RAI vocabulary 1.0: the metadata that search engines and mlcroissant read. Made of the
// manifest and the dataset, never a source of truth: the same package always gets the same bytes. Specification:
// docs.mlcommons.org/croissant. What mlcroissant cannot load (thousands of shards) is left out, not half described.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vetset/dataset/dataset.h"
#include "vetset/package/manifest.h"
#include "vetset/package/questionnaire.h"

namespace vetset {

/// Its name, beside the manifest.
inline constexpr std::string_view croissant_name = "croissant.json";

/// The metadata of what `manifest` lists: with records where it lists tables, else files, classes and splits alone.
/// Paths are relative to the folder of the manifest.
std::string croissant_json(const Manifest& manifest, const Dataset& dataset, const Answers& answers);

/// One thing that a croissant.json says otherwise than the manifest beside it.
struct Drift {
  std::string where, expected, found, words;
};
/// Compares the files, digests and names in it with the manifest's. What other words it holds is its own affair.
std::vector<Drift> croissant_drift(std::string_view json, const Manifest& manifest);

}  // namespace vetset
