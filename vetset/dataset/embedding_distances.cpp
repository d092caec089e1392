#include "vetset/dataset/embedding_distances.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace vetset {
namespace {

constexpr std::size_t lanes = 8;
using Lanes = float __attribute__((vector_size(lanes * sizeof(float))));

struct Rows {
  const Embeddings* e;
  const float* from;
  std::span<const ImageIndex> to;
  std::span<float> out;
};

/// Products of one row and R others. Eight sums run beside each other and are added up as a tree, so that it does not
/// matter how many of them an instruction makes.
template <std::size_t R>
[[gnu::always_inline]] inline void products(const Rows& rows, std::size_t first) {
  const std::size_t dimension = rows.e->dimension, whole = dimension / lanes * lanes;
  const float* others[R];
  for (std::size_t r = 0; r < R; ++r) others[r] = rows.e->of(rows.to[first + r]).data();
  Lanes sums[R] = {};
  for (std::size_t k = 0; k < whole; k += lanes) {
    Lanes left;
    std::memcpy(&left, rows.from + k, sizeof(Lanes));
    for (std::size_t r = 0; r < R; ++r) {
      Lanes right;
      std::memcpy(&right, others[r] + k, sizeof(Lanes));
      sums[r] += left * right;
    }
  }
  for (std::size_t r = 0; r < R; ++r) {
    const Lanes& s = sums[r];
    float sum = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    for (std::size_t k = whole; k < dimension; ++k) sum += rows.from[k] * others[r][k];
    rows.out[first + r] = std::max(1 - sum, 0.0F);
  }
}

[[gnu::always_inline]] inline void all_products(const Rows& rows) {
  std::size_t k = 0;
  for (; k + 4 <= rows.to.size(); k += 4) products<4>(rows, k);
  for (; k < rows.to.size(); ++k) products<1>(rows, k);
}

void products_plain(const Rows& rows) { all_products(rows); }
#if defined(__x86_64__)
__attribute__((target("avx2"))) void products_avx2(const Rows& rows) { all_products(rows); }
#endif

void (*products_here())(const Rows&) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return products_avx2;
#endif
  return products_plain;
}

/// A symmetric matrix brought to three diagonals by reflections: the middle one, and the one beside it from [1] on.
struct Tridiagonal {
  std::vector<double> middle, beside;
};

Tridiagonal tridiagonal(std::vector<double>& a, std::size_t n) {
  Tridiagonal t{std::vector<double>(n), std::vector<double>(n)};
  std::vector<double> v(n), p(n);
  for (std::size_t k = n; k-- > 1;) {  // the reflection that clears row k left of its last place but one
    double squares = 0;
    for (std::size_t j = 0; j < k; ++j) squares += a[k * n + j] * a[k * n + j];
    const double last = a[k * n + k - 1], length = std::sqrt(squares);
    t.middle[k] = a[k * n + k];
    t.beside[k] = last > 0 ? -length : length;
    const double half = squares - last * t.beside[k];  // half the squared length of v
    if (half <= 0) {
      t.beside[k] = last;
      continue;
    }
    for (std::size_t j = 0; j < k; ++j) v[j] = a[k * n + j];
    v[k - 1] -= t.beside[k];
    std::fill(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(k), 0.0);
    for (std::size_t i = 0; i < k; ++i) {  // p = A v, by the lower half alone
      const double* row = &a[i * n];
      double sum = 0;
      for (std::size_t j = 0; j < i; ++j) {
        sum += row[j] * v[j];
        p[j] += row[j] * v[i];
      }
      p[i] += sum + row[i] * v[i];
    }
    double dot = 0;
    for (std::size_t j = 0; j < k; ++j) dot += (p[j] /= half) * v[j];
    const double share = dot / (2 * half);
    for (std::size_t j = 0; j < k; ++j) p[j] -= share * v[j];
    for (std::size_t i = 0; i < k; ++i) {
      double* row = &a[i * n];
      for (std::size_t j = 0; j <= i; ++j) row[j] -= v[i] * p[j] + p[i] * v[j];
    }
  }
  if (n > 0) t.middle[0] = a[0];
  return t;
}

/// Chases what is beside the middle away, one implicit shift after another.
void chase(Tridiagonal& t) {
  std::vector<double>&d = t.middle, &e = t.beside;
  const std::size_t n = d.size();
  std::rotate(e.begin(), e.begin() + 1, e.end());  // beside[i] is between i and i + 1
  e[n - 1] = 0;
  for (std::size_t l = 0; l < n; ++l) {
    for (int step = 0; step < 60; ++step) {
      std::size_t m = l;
      while (m + 1 < n && std::abs(e[m]) > 1e-15 * (std::abs(d[m]) + std::abs(d[m + 1]))) ++m;
      if (m == l) break;
      double g = (d[l + 1] - d[l]) / (2 * e[l]);
      g = d[m] - d[l] + e[l] / (g + std::copysign(std::hypot(g, 1.0), g));
      double sine = 1, cosine = 1, moved = 0;
      bool split = false;
      for (std::size_t i = m; i-- > l;) {
        const double f = sine * e[i], b = cosine * e[i], r = std::hypot(f, g);
        e[i + 1] = r;
        if (r == 0) {
          d[i + 1] -= moved;
          e[m] = 0;
          split = true;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[i + 1] - moved;
        const double turn = (d[i] - g) * sine + 2 * cosine * b;
        moved = sine * turn;
        d[i + 1] = g + moved;
        g = cosine * turn - b;
      }
      if (split) continue;
      d[l] -= moved;
      e[l] = g;
      e[m] = 0;
    }
  }
}

}  // namespace

void cosine_distances(const Embeddings& e, ImageIndex from, std::span<const ImageIndex> to, std::span<float> out) {
  static void (*const best)(const Rows&) = products_here();
  best({&e, e.of(from).data(), to, out});
}

std::vector<double> symmetric_eigenvalues(std::vector<double> matrix, std::size_t n) {
  if (n == 0) return {};
  Tridiagonal t = tridiagonal(matrix, n);
  chase(t);
  return std::move(t.middle);
}

double vendi_score(const Embeddings& e, std::span<const ImageIndex> images) {
  const std::size_t n = images.size(), d = e.dimension;
  if (n == 0) return 0;
  // The cosines of n rows and the products of their d columns have the same eigenvalues but for zeros.
  const bool by_column = d < n;
  const std::size_t size = by_column ? d : n;
  std::vector<double> matrix(size * size);
  std::vector<float> row(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (by_column) {
      const std::span<const float> x = e.of(images[i]);
      for (std::size_t r = 0; r < d; ++r)
        for (std::size_t c = 0; c <= r; ++c) matrix[r * d + c] += double{x[r]} * double{x[c]};
      continue;
    }
    cosine_distances(e, images[i], images.first(i + 1), std::span(row).first(i + 1));
    for (std::size_t c = 0; c < i; ++c) matrix[i * n + c] = 1 - double{row[c]};
    matrix[i * n + i] = 1;
  }
  for (std::size_t r = 0; r < size; ++r)
    for (std::size_t c = 0; c <= r; ++c) matrix[c * size + r] = matrix[r * size + c] /= static_cast<double>(n);
  double entropy = 0;
  for (const double value : symmetric_eigenvalues(std::move(matrix), size))
    if (value > 1e-12) entropy -= value * std::log(value);
  return std::exp(entropy);
}

}  // namespace vetset
