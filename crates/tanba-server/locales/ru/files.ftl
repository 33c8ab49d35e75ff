desk-files = Файлы
purpose-exchange = обмен с другим органом или лабораторией
purpose-examination = материал исследуемого дела
purpose-quality = проверка устройства или поставщика
files-title = Файлы
files-lead = Откройте файл, который принесли или прислали: его содержимое показывается деревом и снимками, и его можно перевести в другой формат. В регистр из него ничего не попадает.
files-open = Открыть файл
files-purpose = Цель
files-choose = Выберите
files-reference = Основание
files-reference-hint = Номер письма, запроса или дела, к которому он относится.
files-file = Файл
files-file-hint = Любого из форматов ниже, до { $n } МиБ. Он хранится четверть часа и только для вас.
files-open-button = Открыть
files-open-recorded = Цель, основание и хеш файла записываются в журнал.
files-formats = Что читается
files-formats-images = Изображения
files-formats-fingers = Записи отпечатков
files-formats-exchange = Обмен
files-formats-genetic = Генетические данные
files-file-title = Что в файле
files-recorded = Этот просмотр записан. Цель: { $purpose }. Основание: { $reference }. Запись журнала { $entry }.
files-format = Формат
files-records = Записей
files-size = Размер
files-bytes =
    { $n ->
        [one] { $n } байт
        [few] { $n } байта
       *[other] { $n } байт
    }
files-notes =
    { $n ->
        [one] { $n } замечание
        [few] { $n } замечания
       *[other] { $n } замечаний
    }
files-pictures =
    { $n ->
        [one] { $n } снимок
        [few] { $n } снимка
       *[other] { $n } снимков
    }
files-picture = Снимок { $n }, открывается целиком
files-measures = { $width } × { $height } пикселей, { $ppi } ppi
files-no-finger = Файл не говорит, какой это палец
files-unseen = Не показан
files-minutiae =
    { $n ->
        [one] { $n } набор минуций
        [few] { $n } набора минуций
       *[other] { $n } наборов минуций
    }
files-minutiae-hint = Кольца — окончания линий или минуции без указанного вида, квадраты — разветвления; черта показывает направление.
files-drawing =
    { $n ->
        [one] { $n } минуция
        [few] { $n } минуции
       *[other] { $n } минуций
    }
files-view = Вид { $n }
files-more =
    { $n ->
        [one] Ещё { $n } не показан.
        [few] Ещё { $n } не показаны.
       *[other] Ещё { $n } не показано.
    }
files-tree = Содержимое, словами стандарта формата
files-convert = Перевести в другой формат
files-to = Формат
files-which-picture = Какой снимок
files-which-finger = Какой это палец
files-finger-unsaid = не указан
files-rate = WSQ: бит на пиксель
files-rate-0-75 = 0,75 — для обмена
files-rate-2-25 = 2,25 — для лабораторий
files-convert-button = Перевести
files-convert-recorded = Перевод записывается в журнал.
files-converted = Переведено в { $text }
files-download = Скачать
files-kept = Файл открыт четверть часа, только для этого сеанса.
files-another = Открыть другой файл
problem-file = Файл не прочитан. Что говорит программа чтения: { $detail }.
problem-conversion = Файл не переведён. Что говорит программа перевода: { $detail }.
problem-no-file = Файл не выбран или пуст. Выберите его и отправьте форму снова.
problem-file-gone = Файл в этом сеансе больше не хранится. Если он ещё нужен, откройте его снова.
invalid-reference = Укажите основание: от 1 до 200 знаков без переноса строки.
invalid-to = Формата с таким названием нет. Выберите из тех, что предлагает страница.
not-found-file = Такого файла нет, или его открыла другая учётная запись.
not-found-picture = Такого снимка в файле нет.
