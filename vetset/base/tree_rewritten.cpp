#include "vetset/base/tree_rewritten.h"

#include <algorithm>

namespace vetset {

RewrittenTree::RewrittenTree(std::unique_ptr<Tree> whole, std::map<std::string, std::uint64_t, std::less<>> sizes,
                             Rewrite rewrite)
    : whole_(std::move(whole)), sizes_(std::move(sizes)), rewrite_(std::move(rewrite)) {}

Result<std::uint64_t> RewrittenTree::size(std::string_view path) const {
  const auto known = sizes_.find(path);
  if (known == sizes_.end()) return whole_->size(path);
  return known->second;
}

Result<Bytes> RewrittenTree::read(std::string_view path, Range range) const {
  if (!sizes_.contains(path)) return whole_->read(path, range);
  VETSET_TRY(const Bytes original, whole_->read(path, {}));
  VETSET_TRY(std::string made, rewrite_(path, original));
  if (range.offset == 0 && range.size >= made.size()) return Bytes::from(std::move(made));
  const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(range.offset, made.size()));
  return Bytes::from(made.substr(begin, static_cast<std::size_t>(std::min<std::uint64_t>(range.size, made.size()))));
}

Result<ReadThrough> RewrittenTree::read_through(std::string_view path,
                                                const std::function<void(std::string_view)>& piece) const {
  if (!sizes_.contains(path)) return whole_->read_through(path, piece);
  VETSET_TRY(const Bytes made, read(path, {}));
  piece(made);
  return ReadThrough{.size = made.size()};
}

std::string RewrittenTree::disk_path(std::string_view path) const {
  return sizes_.contains(path) ? std::string() : whole_->disk_path(path);
}

}  // namespace vetset
