// The files that a dataset was read from, by digest, and reading them once more. For the façade's own files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vetset/vetset.h"

namespace vetset {

/// The label files and documents that the dataset was read from, by path. What the dataset holds whole is not read
/// again.
Result<std::vector<FileDigest>> source_digests(const Source& source, const Pool& pool);

/// The image files that a source holds, each once, by path.
std::vector<std::string_view> image_files(const Source& source);

/// Fractions of images that are not here, read once more with the sizes that the other side says. Nothing where that
/// places nothing, or reads another dataset than before.
Result<std::optional<Dataset>> placed_by(const Source& other, const Source& source, const Common& common);

/// The dataset in a tree, of a format that is known, or found where `from` is empty; with `only`, what that file says.
Result<Source> source_in(std::unique_ptr<Tree> tree, const std::string& from, const OpenOptions& options,
                         std::string only = {});

}  // namespace vetset
