"""Character ranges of scripts, for character classes in regular expressions and GLOB patterns."""

# Chinese characters and Japanese kana.
CJK = "\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\uface\uff66-\uff9f\U00020000-\U000323af"
# Scripts without spaces between words: Thai, Lao, Burmese, Khmer, Chinese, and Japanese.
UNSPACED = f"\u0e01-\u0edf\u1000-\u109f\u1780-\u17f9{CJK}"
