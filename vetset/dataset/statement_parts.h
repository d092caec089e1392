// Parts that documents with a claim share. For those who write one.
#pragma once

#include "vetset/base/json.h"
#include "vetset/dataset/statement.h"

namespace vetset {

/// Members "count", "bytes", "root", and "files" where they are at most `listed_files`.
void write_files(JsonWriter& out, const std::vector<FileDigest>& files);
/// An object with "images", "annotations", "categories" and "splits".
void write_counts(JsonWriter& out, const Counts& counts);

}  // namespace vetset
