module.exports = {
  draft: true,
};
