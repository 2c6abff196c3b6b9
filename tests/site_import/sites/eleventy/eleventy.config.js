module.exports = { pathPrefix: "/" };
