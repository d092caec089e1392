#include "vetset/convert/recording_writer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "vetset/base/sort_runs.h"

namespace vetset {

RecordingWriter::~RecordingWriter() {
  for (Node* node = head_.load(); node != nullptr;) delete std::exchange(node, node->next);
}

void RecordingWriter::record(FileDigest file) {
  files_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(file.bytes, std::memory_order_relaxed);
  Node* node = new Node{std::move(file), head_.load(std::memory_order_relaxed)};
  while (!head_.compare_exchange_weak(node->next, node, std::memory_order_release, std::memory_order_relaxed)) {
  }
}

Result<void> RecordingWriter::write(std::string_view path, std::string_view bytes) {
  VETSET_DO(out_.write(path, bytes));
  record({.path = std::string(path), .bytes = bytes.size(), .digest = sha256(bytes)});
  return {};
}

Result<void> RecordingWriter::begin(std::string_view path) {
  VETSET_DO(out_.begin(path));
  open_ = {.path = std::string(path), .bytes = 0, .digest = {}};
  hash_ = Sha256();
  return {};
}

Result<void> RecordingWriter::append(std::string_view bytes) {
  VETSET_DO(out_.append(bytes));
  open_.bytes += bytes.size();
  hash_.add(bytes);
  return {};
}

Result<void> RecordingWriter::finish() {
  VETSET_DO(out_.finish());
  open_.digest = hash_.finish();
  record(std::move(open_));
  return {};
}

Result<void> RecordingWriter::copy(std::string_view path, const Tree& from, std::string_view from_path) {
  VETSET_DO(out_.copy(path, from, from_path));
  VETSET_TRY(const std::uint64_t size, from.size(from_path));
  files_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(size, std::memory_order_relaxed);
  return {};
}

std::vector<FileDigest> RecordingWriter::take_digests() {
  std::vector<std::unique_ptr<Node>> nodes;
  for (Node* node = head_.exchange(nullptr); node != nullptr; node = node->next) nodes.emplace_back(node);
  std::reverse(nodes.begin(), nodes.end());
  sort_runs(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) { return a->file.path < b->file.path; });
  std::vector<FileDigest> all;
  all.reserve(nodes.size());
  for (const auto& node : nodes) all.push_back(std::move(node->file));
  return all;
}

}  // namespace vetset
