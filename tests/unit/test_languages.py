"""The language of a text: recognised by its small words where they leave no doubt, by the identifier elsewhere."""

from __future__ import annotations

import pytest

from ingest.extract.metadata.languages import of_small_words, of_text, primary

ENGLISH = (
    "The council said on Thursday that the old harbour would be restored and that the bridge, which has been closed to "
    "traffic for three years, would open before the end of the summer if the money is there."
)
GERMAN = (
    "Der Stadtrat hat am Donnerstag beschlossen, dass der alte Hafen saniert wird und die Brücke für den Verkehr "
    "wieder geöffnet werden soll, wenn das Geld dafür bis zum Ende des Jahres aus dem Haushalt kommt."
)
FRENCH = (
    "Le conseil a décidé jeudi que le vieux port serait rénové et que le pont, qui est fermé depuis trois ans, ne "
    "serait pas ouvert avant la fin de l'été, selon les services du maire et ceux de la région dans un communiqué."
)
SPANISH = (
    "El ayuntamiento decidió el jueves que el viejo puerto sea renovado y que el puente, cerrado desde hace tres años "
    "por las obras, se abra al tráfico cuando lleguen los fondos del Estado, como explicó su alcaldesa a los vecinos."
)
# written much like one of the four
AFRIKAANS = (
    "Dat wat ons vandag weet oor die son en die maan het baie te doen met die werk van mense wat in die verlede gekyk "
    "het na die hemel en geskryf het wat hulle gesien het, en nie met die dinge wat hulle gedink het nie."
)
GALICIAN = (
    "O concello aprobou onte o novo plan de mobilidade que vai cambiar a cidade nos vindeiros anos, segundo explicou a "
    "alcaldesa nunha rolda de prensa na que tamén falou das obras que quedan por facer nas parroquias con veciños."
)
CATALAN = (
    "El conseller ha dit que els treballadors de la fàbrica han de tornar a la feina i que la situació és molt "
    "complicada, però que amb el temps es podrà arribar a un acord per a tothom, com ja es va fer ara fa dos anys."
)


@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (GERMAN, "de"), (FRENCH, "fr")])
def test_small_words_tell_the_language(text: str, language: str) -> None:
    assert of_small_words(text) == language
    assert of_text(text) == (language, 1.0)


# with as many "el", "del" and "al" as Spanish has
CATALAN_TOO = (
    "El president del govern va arribar al poble el dilluns al matí, i el batlle del municipi el va rebre al costat "
    "del pont, on el riu s'ajunta amb el canal del molí; el ple del consell es va reunir al vespre per parlar de tot."
)


@pytest.mark.parametrize(
    ("text", "language"), [(SPANISH, "es"), (CATALAN_TOO, "ca"), (AFRIKAANS, "af"), (GALICIAN, "gl"), (CATALAN, "ca")]
)
def test_languages_alike_are_left_to_the_identifier(text: str, language: str) -> None:
    assert of_small_words(text) is None
    found = of_text(text)
    assert found is not None
    assert found[0] == language


def test_small_words_tell_nothing_of_two_languages_and_of_a_script_without_spaces() -> None:
    assert of_small_words(f"{ENGLISH} {GERMAN}") is None
    assert (
        of_small_words(
            "蔡健雅出生于新加坡祖籍中国江苏省现定居于台湾华语流行乐女歌手音乐制作人词曲创作人" * 40 + ENGLISH
        )
        is None
    )


def test_a_quotation_does_not_tell_the_language_of_a_text_in_another_script() -> None:
    russian = "Городской совет сообщил в четверг, что старая гавань будет восстановлена, а мост откроют до конца лета. "
    assert of_small_words(russian * 3 + ENGLISH) is None
    assert of_small_words("") is None


def test_a_short_text_is_of_no_language() -> None:
    assert of_text(ENGLISH[:100]) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "ソルトミアとブレン島を結ぶ渡し船は、四月から一日に四便増える。港湾委員会が火曜日に決めた。冬のあいだ待った人は多い。",
            "ja",
        ),
        (
            "連接鹽港與布倫島的渡輪自四月起每日增加四班。港務局於星期二作出決定，因為冬季有不少乘客滯留碼頭，居民對計劃表示歡迎。",
            "zh",
        ),
        (
            "佢哋話渡輪由四月起每日會加四班，因為冬天成日有人上唔到船，街坊都好歡迎，不過仲想要多個候船室同埋平啲嘅船飛。",
            "zh",
        ),
        (
            "소금항과 브렌섬을 잇는 여객선이 사월부터 하루 네 차례 더 운항한다고 항만 위원회가 화요일에 결정했다.",
            "ko",
        ),
        ("เรือข้ามฟากระหว่างสองเมืองจะเพิ่มเที่ยวตั้งแต่เดือนเมษายนตามมติของคณะกรรมการท่าเรือ", "th"),
    ],
)
def test_script_alone_shows_the_language_of_a_short_text(text: str, language: str) -> None:
    found = of_text(text)
    assert found
    assert found[0] == language


@pytest.mark.parametrize("declared", ["und", "mul", "zxx", "und-Latn"])
def test_what_names_no_language_is_none(declared: str) -> None:
    assert primary(declared) is None
