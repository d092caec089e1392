// A tree in which some files hold other bytes than on the disk: each is made when it is asked for, from what it was.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "vetset/base/tree.h"

namespace vetset {

class RewrittenTree final : public Tree {
 public:
  /// The new bytes of a file, by its path and what it was. Called by any thread, any number of times, with the same
  /// answer.
  using Rewrite = std::function<Result<std::string>(std::string_view path, const Bytes& original)>;
  /// `sizes` has the paths whose bytes are others, and how many these will be; the other files are those of `whole`.
  RewrittenTree(std::unique_ptr<Tree> whole, std::map<std::string, std::uint64_t, std::less<>> sizes, Rewrite rewrite);

  /// The files as they were.
  const Tree& original() const { return *whole_; }

  bool contains(std::string_view path) const override { return whole_->contains(path); }
  std::span<const TreeProblem> problems() const override { return whole_->problems(); }
  Result<std::uint64_t> size(std::string_view path) const override;
  Result<Bytes> read(std::string_view path, Range range) const override;
  Result<ReadThrough> read_through(std::string_view path,
                                   const std::function<void(std::string_view)>& piece) const override;
  std::string_view name() const override { return whole_->name(); }
  /// Empty for files that are others: nothing on the disk has their bytes.
  std::string disk_path(std::string_view path) const override;

 private:
  std::span<const std::string_view> paths() const override { return whole_->list(); }

  std::unique_ptr<Tree> whole_;
  std::map<std::string, std::uint64_t, std::less<>> sizes_;
  Rewrite rewrite_;
};

}  // namespace vetset
