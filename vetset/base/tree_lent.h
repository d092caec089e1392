// A tree that belongs to somebody else, for what wants one of its own: all it shows is the other's.
#pragma once

#include <string>
#include <string_view>

#include "vetset/base/tree.h"

namespace vetset {

class LentTree : public Tree {
 public:
  /// `of` must outlive it.
  explicit LentTree(const Tree& of) : of_(of) {}

  bool contains(std::string_view path) const override { return of_.contains(path); }
  std::span<const TreeProblem> problems() const override { return of_.problems(); }
  Result<std::uint64_t> size(std::string_view path) const override { return of_.size(path); }
  Result<Bytes> read(std::string_view path, Range range) const override { return of_.read(path, range); }
  std::string_view name() const override { return of_.name(); }
  std::string disk_path(std::string_view path) const override { return of_.disk_path(path); }

 protected:
  std::span<const std::string_view> paths() const override { return of_.list(); }

 private:
  const Tree& of_;
};

}  // namespace vetset
