// A growing array of plain values that never holds two copies of itself. std::vector copies when it grows, so a
// 350 MB coordinate array would need 700 MB for a moment; realloc moves pages instead.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace vetset {

/// Like std::vector for trivially copyable T: contiguous, values with one owner, deep copies.
/// References and spans into it hold until the next change of size.
template <class T>
class Column {
  static_assert(std::is_trivially_copyable_v<T>, "a column is moved as bytes");

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  Column() = default;
  explicit Column(std::size_t count, T value = {}) { resize(count, value); }
  Column(const Column& other) { append(other); }
  Column(Column&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)),
        twin_(std::exchange(other.twin_, {})) {}
  Column& operator=(Column other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(twin_, other.twin_);
    return *this;
  }
  ~Column() {
    if (!shares()) std::free(data_);
  }

  /// Tells an empty column what is likely to be appended. As long as that is so, byte by byte, it shows the memory of
  /// `twin`, which must outlive it unchanged, and holds none of its own; its values must not be written to then.
  void expect(std::span<const T> twin) {
    if (size_ != 0) return;
    *this = Column();
    twin_ = twin;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }
  operator std::span<const T>() const { return {data_, size_}; }
  std::span<const T> slice(std::size_t begin, std::size_t count) const { return {data_ + begin, count}; }

  void push_back(T value) {
    if (size_ == capacity_) grow(size_ + 1);
    data_[size_++] = value;
  }
  void append(std::span<const T> values) {
    if (values.empty() || (shares() && is_as_expected(values))) return;
    if (size_ + values.size() > capacity_) grow(size_ + values.size());
    std::memcpy(static_cast<void*>(data_ + size_), values.data(), values.size_bytes());
    size_ += values.size();
  }
  void resize(std::size_t count, T value = {}) {
    if (count > capacity_) grow(count);
    for (std::size_t i = size_; i < count; ++i) data_[i] = value;
    set_size(count);
  }
  void reserve(std::size_t count) {
    if (count > capacity_) reallocate(count);
  }
  void clear() { set_size(0); }
  /// Gives unused capacity back.
  void shrink_to_fit() {
    if (size_ != capacity_) reallocate(size_);
  }
  /// Whether another's memory is shown.
  bool shares() const { return !twin_.empty(); }
  bool operator==(const Column& other) const {
    if (size_ != other.size_) return false;
    for (std::size_t i = 0; i < size_; ++i)
      if (!(data_[i] == other.data_[i])) return false;
    return true;
  }

 private:
  /// While memory is shared there is no capacity beyond the size, so whatever writes comes through `reallocate` first.
  void set_size(std::size_t count) {
    size_ = count;
    if (shares()) capacity_ = count;
  }
  bool is_as_expected(std::span<const T> values) {
    if (values.size() > twin_.size() - size_) return false;
    if (std::memcmp(twin_.data() + size_, values.data(), values.size_bytes()) != 0) return false;
    data_ = const_cast<T*>(twin_.data());
    set_size(size_ + values.size());
    return true;
  }
  void stop_sharing() {
    const std::span<const T> shown(data_, size_);
    data_ = nullptr;
    size_ = capacity_ = 0;
    twin_ = {};
    if (!shown.empty()) append(shown);
  }
  void grow(std::size_t needed) {
    reallocate(needed > capacity_ + capacity_ / 2 ? needed + 15 : capacity_ + capacity_ / 2);
  }
  void reallocate(std::size_t capacity) {
    if (shares()) stop_sharing();
    if (capacity == 0) {
      std::free(data_);
      data_ = nullptr;
    } else {
      if (capacity > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_alloc();
      void* moved = std::realloc(static_cast<void*>(data_), capacity * sizeof(T));
      if (moved == nullptr) throw std::bad_alloc();
      data_ = static_cast<T*>(moved);
    }
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::span<const T> twin_;  // what is expected; empty: the memory is its own
};

}  // namespace vetset
