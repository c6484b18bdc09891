try {
  document.documentElement.dataset.theme = localStorage.getItem("codememory-theme") || "auto";
} catch {
  document.documentElement.dataset.theme = "auto";
}
